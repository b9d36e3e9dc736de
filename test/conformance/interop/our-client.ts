import { readFile } from 'node:fs/promises'
import { credentials } from '@grpc/grpc-js'
import { openChannel } from '../../../client/channel.ts'
import { TestServiceClient } from '../../../gen/grpc/testing/test.ts'
import { knownFailuresOf } from '../known-failures.ts'
import type { Outcome } from '../outcome.ts'
import type { Way } from '../ways.ts'
import { runCases } from './cases.ts'
import { startGoServer } from './go-server.ts'
import { ourClientCases } from './our-client-cases.ts'
import { calledName, suiteTls } from './tls.ts'

/** How long a case may take, in ms. */
const caseMs = 30_000

/** Has a channel of `client/` call grpc-go's server over one way. */
export async function runOurClient(way: Way): Promise<Outcome> {
  await using tls = await suiteTls(way)
  await using server = await startGoServer(way, tls?.place)
  const settings = tls
    ? { credentials: credentials.createSsl(await readFile(tls.authority)), serverName: calledName }
    : {}
  const channel = await openChannel(`127.0.0.1:${server.port}`, settings)
  const client = new TestServiceClient('unused', credentials.createInsecure(), { channelOverride: channel })
  const runCase = async (name: string): Promise<void> => {
    const late = AbortSignal.timeout(caseMs)
    const gaveUp = new Promise((_, reject) => late.addEventListener('abort', () => reject(late.reason)))
    await Promise.race([ourClientCases[name]?.(client), gaveUp])
  }
  try {
    return await runCases(Object.keys(ourClientCases), runCase, knownFailuresOf('our-client', way))
  } finally {
    client.close()
  }
}
