import process from 'node:process'
import type { ChannelOptions } from '@grpc/grpc-js'
import { registerLeastRequest } from './balancing/register-least-request.ts'
import { type XdsBootstrapOptions, xdsBootstrap } from './xds-bootstrap.ts'

/** The option that a channel reads its own bootstrap from; without it all channels share one client, made from the environment. */
const bootstrapOption = 'grpc.TEST_ONLY_DO_NOT_USE_IN_PROD.xds_bootstrap_config'
/** Where grpc-js-xds looks without it: the path of a file, or the text itself. */
const variables = ['GRPC_XDS_BOOTSTRAP', 'GRPC_XDS_BOOTSTRAP_CONFIG']

/** Whether a control plane says where the replicas of a target are. */
export function isXdsTarget(target: string): boolean {
  return target.startsWith('xds:')
}

/**
 * Makes grpc-js understand `xds:///NAME`, and gives the options that a channel there needs. To be awaited before the channel is
 * made. Rejects where neither `bootstrap` nor the environment names a control plane. Loads grpc-js-xds, which takes half a
 * second and 70 MB, and is not loaded otherwise.
 */
export async function enableXds(bootstrap?: XdsBootstrapOptions): Promise<ChannelOptions> {
  // grpc-js-xds would say of each call that it cannot read a property of null.
  if (!bootstrap && !variables.some((name) => process.env[name])) {
    throw new Error(`no control plane is named for xds: targets; give one, or set ${variables.join(' or ')}`)
  }
  // A cluster whose policy is not known here is refused as a whole.
  registerLeastRequest()
  const { register } = await import('@grpc/grpc-js-xds')
  register()
  return bootstrap ? { [bootstrapOption]: xdsBootstrap(bootstrap) } : {}
}
