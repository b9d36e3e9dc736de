import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Workload } from '../../chassis/workload.ts'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { secretFile, type WatchedTls } from '../../envoy/tls.ts'
import { startTestEnvoy, type TestEnvoyOptions } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startService } from '../support/service.ts'
import type { Way } from './ways.ts'

/** TLS to callers: a folder with tls.crt and tls.key, and ca.crt where callers must show a certificate. */
export interface PlaceTls {
  folder: string
  asksCallers: boolean
}

/** What stands where callers connect. */
export interface PlaceOptions {
  proxy: Way['proxy']
  /** None: calls come without TLS. */
  tls: PlaceTls | undefined
  /** Called with the address of a replica before Envoy stands in front of it. */
  warmUp?: (address: string) => Promise<void>
}

/** Where callers connect, on 127.0.0.1; disposing ends all behind it. */
export interface Place extends AsyncDisposable {
  port: number
}

/** Serves a workload on the chassis, alone or behind our Envoy. Behind Envoy the hop to the replica is without TLS. */
export async function startPlace<Definition extends ServiceDefinition>(
  workload: Workload<Definition>,
  { proxy, tls, warmUp }: PlaceOptions,
  settings: readonly string[],
): Promise<Place> {
  await using opened = new AsyncDisposableStack()
  const own = proxy === 'none' && tls ? tlsSettings(tls) : []
  const replica = opened.use(await startService(workload, '--workers=1', ...own, ...settings))
  if (proxy === 'envoy') await warmUp?.(replica.address)
  const endpoint = { address: '127.0.0.1', port: replica.ports.grpc }
  const port = proxy === 'none' ? endpoint.port : opened.use(await startProxy(endpoint, tls)).port
  const parts = opened.move()
  return { port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** Our Envoy before one server that stands already; resolves when Envoy has found it well. */
export async function startProxy(
  endpoint: Endpoint,
  tls: PlaceTls | undefined,
  changes: TestEnvoyOptions['changes'] = [],
): Promise<Place> {
  const callerTls = tls && (await watched(tls))
  const config = { idempotent: false, ...(callerTls ? { callerTls } : {}) }
  const envoy = await startTestEnvoy({ endpoints: [endpoint], config, changes })
  const port = Number(envoy.target.split(':')[1])
  const dispose = async (): Promise<void> => envoy[Symbol.asyncDispose]()
  try {
    await eventually(async () => assert.ok((await envoy.hosts())[0]?.healthy))
  } catch (error) {
    await dispose()
    throw error
  }
  return { port, [Symbol.asyncDispose]: dispose }
}

function tlsSettings({ folder, asksCallers }: PlaceTls): string[] {
  const file = (name: string): string => join(folder, name)
  return [
    `--tls-certificate=${file('tls.crt')}`,
    `--tls-private-key=${file('tls.key')}`,
    ...(asksCallers ? [`--tls-client-authorities=${file('ca.crt')}`] : []),
  ]
}

async function watched({ folder, asksCallers }: PlaceTls): Promise<WatchedTls> {
  const write = async (kind: 'certificate' | 'authorities'): Promise<string> => {
    const path = join(folder, `${kind}.yaml`)
    await writeFile(path, secretFile(kind, folder))
    return path
  }
  return {
    certificate: await write('certificate'),
    ...(asksCallers ? { authorities: await write('authorities') } : {}),
  }
}
