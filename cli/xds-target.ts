import process from 'node:process'
import type { Command } from 'commander'

/** The options of a command that may call an `xds:` target. */
interface XdsOptions {
  target: string
  /** `host:port` of the control plane. */
  xdsServer?: string
}

/**
 * Readies the `xds:` target of a command, before anything calls it; nothing is loaded for another target. The control plane is
 * handed on as grpc-js-xds reads it: so all channels of the command share one stream to it.
 */
export async function prepareXdsTarget(command: Command): Promise<void> {
  const { target, xdsServer } = command.opts<XdsOptions>()
  if (!target.startsWith('xds:')) return
  const { enableXds } = await import('../client/xds.ts')
  const { xdsBootstrap } = await import('../client/xds-bootstrap.ts')
  if (xdsServer !== undefined) {
    // A file would be read first.
    delete process.env['GRPC_XDS_BOOTSTRAP']
    process.env['GRPC_XDS_BOOTSTRAP_CONFIG'] = xdsBootstrap({ server: xdsServer })
  }
  try {
    await enableXds()
  } catch (thrown) {
    command.error(`error: ${(thrown as Error).message}; --xds-server gives one`)
  }
}

/** How long output may take to be written after the work, in milliseconds. */
const lastWordsMs = 500

/**
 * Ends a command whose work is done: grpc-js-xds goes on connecting to a control plane that does not answer, for ever. Nothing is
 * cut short where the process ends by itself.
 */
export function endDespiteXds(command: Command): void {
  if (command.opts<XdsOptions>().target.startsWith('xds:')) setTimeout(() => process.exit(), lastWordsMs).unref()
}
