import { readControlPlaneConfig } from '../../control-plane/config.ts'
import { type ControlPlane, serveControlPlane } from '../../control-plane/serve.ts'
import type { Source } from '../../control-plane/sources/source.ts'

/** An instance of the control plane in the test's process, and where it listens. */
export type TestControlPlane = ControlPlane & { address: string; healthAddress: string }

/** How often a test's certificates are looked at. */
const tlsRereadMs = 20

/** Starts an instance on free ports. `flags` are settings of it, such as `--max-subscribers=2`. */
export async function startControlPlane(source: Source, ...flags: string[]): Promise<TestControlPlane> {
  const own = ['--port=0', '--health-port=0', '--metrics-port=off', '--log-level=silent', '--pod-name=test-pod']
  const config = readControlPlaneConfig({ argv: [...own, ...flags], env: {} })
  const controlPlane = await serveControlPlane({ config, source, env: {}, tlsRereadMs })
  return Object.assign(controlPlane, {
    address: `127.0.0.1:${controlPlane.ports.ads}`,
    healthAddress: `127.0.0.1:${controlPlane.ports.health}`,
  })
}
