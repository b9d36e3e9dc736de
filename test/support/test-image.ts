import { type BuiltImage, buildImage } from '../../deploy/build-image.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import type { RoleName } from '../../deploy/roles.ts'

const made = new Map<string, Promise<BuiltImage>>()

/**
 * The image of this checkout, `evenkeel/<name>:test`; made once per test file, from Docker's cache where nothing changed. It
 * needs no registry. Rejects with what to install when there is no Docker.
 */
export function testImage(name: RoleName | 'envoy'): Promise<BuiltImage> {
  const known = made.get(name)
  if (known) return known
  const image = make(name)
  made.set(name, image)
  return image
}

async function make(name: RoleName | 'envoy'): Promise<BuiltImage> {
  const envoy = name === 'envoy'
  const image = { workload: envoy ? 'hold' : name, envoy, tag: `evenkeel/${name}:test`, remark: () => {} } as const
  return buildImage(envoy && (await onlyEnvoyIsAnImage()) ? image : { ...image, base: 'local' })
}

async function onlyEnvoyIsAnImage(): Promise<boolean> {
  const found = await findEnvoy({ environment: process.env })
  return 'source' in found && found.source === 'docker'
}
