import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { leanConnection, sendLean } from './lean-calls.ts'
import type { CallersOrder, CallersReport } from './overload-callers.ts'

// The process of `openCallers`: a connection, over which it sends each load that it is told of, several at once if need be.
const session = await leanConnection(process.argv[2] ?? '')
process.on('disconnect', () => process.exit())
process.on('message', ({ id, load }: CallersOrder) => void run(id, load))

async function run(id: number, { body, ...load }: CallersOrder['load']): Promise<void> {
  using delays = monitorEventLoopDelay({ resolution: 2 })
  delays.enable()
  const calls = await sendLean(session, { ...load, body: Buffer.from(body, 'base64') })
  const report: CallersReport = { id, calls, ownDelayMs: Math.max(0, delays.percentile(99) / 1e6 - 2) }
  process.send?.(report)
}

process.send?.('ready')
