import { createHash, randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'

/** Where one replica listens. `address` is an IP address: Envoy takes no names from a file of endpoints. */
export interface Endpoint {
  address: string
  port: number
}

/**
 * Writes the file that Envoy reads its replicas from. Envoy follows the rename, within milliseconds, and never sees half a
 * file. An empty list is allowed: callers then get UNAVAILABLE. Calls for one path must not overlap.
 */
export async function writeEndpoints(path: string, endpoints: readonly Endpoint[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await writeFile(temporary, endpointsYaml(endpoints))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The file's text: a DiscoveryResponse whose version is derived from the endpoints, so the same list has the same text. */
export function endpointsYaml(endpoints: readonly Endpoint[]): string {
  const resource = {
    '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
    cluster_name: 'evenkeel',
    endpoints: [
      {
        lb_endpoints: endpoints.map(({ address, port }) => ({
          endpoint: { address: { socket_address: { address, port_value: port } } },
        })),
      },
    ],
  }
  const version = createHash('sha256').update(JSON.stringify(resource)).digest('hex').slice(0, 16)
  return stringify({ version_info: version, resources: [resource] })
}
