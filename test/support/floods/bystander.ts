import type { status } from '@grpc/grpc-js'
import { holdClient, holdFor } from '../hold.ts'

/** An innocent caller with a connection of its own. */
export interface Bystander extends AsyncDisposable {
  /** Ends it once its last call has ended; how many calls ended with which status. */
  stop(): Promise<{ codes: ReadonlyMap<status, number> }>
}

/** Makes calls of the hold workload two at a time until it is stopped, each with patience; resolves once some were answered. */
export async function startBystander(address: string): Promise<Bystander> {
  const client = holdClient(address)
  const codes = new Map<status, number>()
  let stopped = false
  const call = async (): Promise<void> => {
    const { code } = await holdFor(client, 0, { timeoutMs: 20_000 })
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  for (let made = 0; made < 11; made += 1) await call()
  const loops = [1, 2].map(async () => {
    while (!stopped) await call()
  })
  const stop = async () => {
    stopped = true
    await Promise.all(loops)
    client.close()
    return { codes }
  }
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) }
}
