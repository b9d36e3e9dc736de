import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

/** Where the control plane is, and who asks it. */
export interface XdsBootstrapOptions {
  /** `host:port` of the control plane. */
  server: string
  /** Default: the host and something unique. Two clients of one name look like one to the control plane. */
  nodeId?: string | undefined
  /** The zone of the caller; default: none. */
  zone?: string | undefined
}

/**
 * The bootstrap of an xDS client as JSON: what the file of `GRPC_XDS_BOOTSTRAP` or the variable `GRPC_XDS_BOOTSTRAP_CONFIG` holds.
 * The connection to the control plane has no TLS: grpc-js-xds knows none but Google's own.
 */
export function xdsBootstrap({ server, nodeId, zone }: XdsBootstrapOptions): string {
  return JSON.stringify({
    xds_servers: [{ server_uri: server, channel_creds: [{ type: 'insecure' }] }],
    node: {
      id: nodeId ?? `${hostname()}~${randomUUID()}`,
      cluster: 'evenkeel-client',
      // grpc-js-xds refuses a node without a locality, though it may be empty.
      locality: zone === undefined ? {} : { zone },
    },
  })
}
