import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuiltImage, buildImage, type ImageName } from '../../deploy/build-image.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'

const made = new Map<string, Promise<BuiltImage>>()

/**
 * The image of this checkout, `evenkeel/<name>:test`; made once per run of test/run.ts, or of a test file by itself. It
 * needs no registry. Rejects with what to install when there is no Docker.
 */
export function testImage(name: ImageName): Promise<BuiltImage> {
  const known = made.get(name)
  if (known) return known
  const image = fromThisRun(name)
  made.set(name, image)
  return image
}

async function fromThisRun(name: ImageName): Promise<BuiltImage> {
  const folder = process.env['TEST_RUN_FOLDER']
  if (folder === undefined) return make(name)
  const path = join(folder, `image-${name}.json`)
  const facts = await readFile(path, 'utf8').catch(() => undefined)
  if (facts !== undefined) return JSON.parse(facts)
  const image = await make(name)
  await writeFile(path, JSON.stringify(image))
  return image
}

async function make(name: ImageName): Promise<BuiltImage> {
  const image = { name, idempotent: true, tag: `evenkeel/${name}:test`, remark: () => {} }
  return buildImage(name === 'envoy' && (await onlyEnvoyIsAnImage()) ? image : { ...image, base: 'local' })
}

async function onlyEnvoyIsAnImage(): Promise<boolean> {
  const found = await findEnvoy({ environment: process.env })
  return 'source' in found && found.source === 'docker'
}
