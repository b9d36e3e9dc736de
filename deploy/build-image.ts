import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { checkDocker, dockerBuild, havePulled, type ImageFacts, inspectImage } from './docker.ts'
import { makeEnvoyContext, makeServiceContext, type Remark } from './image-context.ts'
import { findEnvoy } from './local/envoy-binary.ts'
import { type RoleName, roles } from './roles.ts'

/** The bases of images that are made where a registry is reached; the default of the two Dockerfiles. */
const bases = { service: 'gcr.io/distroless/cc-debian13:nonroot', envoy: 'envoyproxy/envoy:distroless-v1.40.0' }

/** What there are images of. */
export type ImageName = RoleName | 'envoy'

/** Which image to make. */
export interface BuildImageOptions {
  name: ImageName
  /** True when Envoy may repeat calls after a broken connection. */
  idempotent: boolean
  /** Default: `defaultTag`. */
  tag?: string | undefined
  /** An image, or `local` for this machine's own libraries. Default: the distroless one, or `local` when it cannot be fetched. */
  base?: string | undefined
  /** Told of progress. */
  remark: Remark
}

/** An image that was made. */
export interface BuiltImage extends ImageFacts {
  tag: string
  base: string
}

/** The name of an image of this version. */
export function defaultTag(name: ImageName): string {
  return `evenkeel/${name}:${manifest.version}`
}

/** Makes an image with Docker. Leaves nothing else behind; rejects in words that name the remedy. */
export async function buildImage(options: BuildImageOptions): Promise<BuiltImage> {
  const { name, idempotent, remark, tag = defaultTag(name) } = options
  await checkDocker()
  const base = options.base ?? (await reachableBase(name === 'envoy' ? bases.envoy : bases.service, remark))
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-image-'))
  try {
    if (name === 'envoy') await makeEnvoyContext({ program: await envoyProgram(base), idempotent }, folder)
    else await makeServiceContext(roles[name], folder, remark)
    remark(`docker build --tag ${tag}`)
    const labels = labelsOf(name === 'envoy' ? 'Envoy in front of Evenkeel' : `Evenkeel ${name}`)
    const args = ['--tag', tag, ...argsOf(name, base), ...labels]
    await dockerBuild(folder, args, (line) => remark(`  ${line}`))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { tag, base, ...(await inspectImage(tag)) }
}

async function reachableBase(image: string, remark: Remark): Promise<string> {
  remark(`base ${image}`)
  if (await havePulled(image)) return image
  remark('it cannot be fetched: the base is made of the libraries of this machine instead')
  return 'local'
}

/** Envoy's program, when the base has none of its own. */
async function envoyProgram(base: string): Promise<string | undefined> {
  if (base !== 'local') return undefined
  const found = await findEnvoy({ environment: process.env })
  if ('missing' in found) throw new Error(found.missing)
  const [program] = found.command
  if (found.source !== 'docker' && program !== undefined) return program
  throw new Error(`the only Envoy here is an image; use it by --base ${found.command.at(-1)}`)
}

function argsOf(name: ImageName, base: string): string[] {
  const args = { BASE: base, ...(name === 'envoy' ? {} : { PORTS: roles[name].ports.join(' ') }) }
  return Object.entries(args).flatMap(([arg, value]) => ['--build-arg', `${arg}=${value}`])
}

function labelsOf(title: string): string[] {
  const labels = { title, version: manifest.version, licenses: manifest.license, description: manifest.description }
  return Object.entries(labels).flatMap(([name, value]) => ['--label', `org.opencontainers.image.${name}=${value}`])
}
