import { type Client, credentials, type ClientOptions, type ServiceDefinition } from '@grpc/grpc-js'
import { readConfig } from '../../chassis/config.ts'
import { type Service, serve } from '../../chassis/serve.ts'
import type { Workload } from '../../chassis/workload.ts'

/** Starts a replica in this process on free ports. `flags` are settings of it, such as `--queue-limit=0`. */
export async function startService<Definition extends ServiceDefinition>(
  workload: Workload<Definition>,
  ...flags: string[]
): Promise<Service & { address: string; healthAddress: string }> {
  const own = [
    '--port=0',
    '--health-port=0',
    '--metrics-port=off',
    '--log-level=silent',
    '--workers=2',
    '--pod-name=test-pod',
  ]
  const fast = ['--drain-delay-ms=0', '--drain-timeout-ms=5000']
  const config = readConfig({ argv: [...own, ...fast, ...flags], env: {} })
  const service = await serve({ workload, config, env: {} })
  return Object.assign(service, {
    address: `127.0.0.1:${service.ports.grpc}`,
    healthAddress: `127.0.0.1:${service.ports.health}`,
  })
}

/** A client of one connection of its own without retries; disposing closes it. */
export function connect<C extends Client>(
  constructor: new (
    address: string,
    channelCredentials: ReturnType<typeof credentials.createInsecure>,
    options: ClientOptions,
  ) => C,
  address: string,
  options: ClientOptions = {},
): C & Disposable {
  const client = new constructor(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    ...options,
  })
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}
