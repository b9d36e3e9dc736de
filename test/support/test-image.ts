import { type BuiltImage, buildImage } from '../../deploy/build-image.ts'
import type { RoleName } from '../../deploy/roles.ts'

const made = new Map<string, Promise<BuiltImage>>()

/**
 * The image of this checkout, on this machine's own libraries so that no registry is needed; made once per test file, from
 * Docker's cache where nothing changed. Rejects with what to install when there is no Docker.
 */
export function testImage(name: RoleName | 'envoy'): Promise<BuiltImage> {
  const known = made.get(name)
  if (known) return known
  const image = buildImage({
    workload: name === 'envoy' ? 'hold' : name,
    envoy: name === 'envoy',
    tag: `evenkeel/${name}:test`,
    base: 'local',
    remark: () => {},
  })
  made.set(name, image)
  return image
}
