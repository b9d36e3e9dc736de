import { createConnection, type Socket } from 'node:net'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import type { FloodOptions, FloodReport } from './flood.ts'
import { frameCounter, noFrames } from './frame-counts.ts'
import { http2Frame, frameTypes } from './frames.ts'
import { call, type FloodKind, floodKinds } from './kinds.ts'

// The process of `startFlood`: what hostile callers send, apart from the event loop of whoever measures.
const options: FloodOptions = JSON.parse(process.argv[2] ?? '{}')
const kind: FloodKind = floodKinds[options.name]
const { address, path, count, ratePerSecond, connections = 1, lasting = false, hangUp = false, lastCall } = options
const report: FloodReport = { sent: 0, opened: 0, closed: 0, ...noFrames() }
const { hostname, port } = new URL(`http://${address}`)
const opening = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  kind.first ?? http2Frame({ type: frameTypes.settings }),
])
/** What is written at once, in ms of the rate. */
const tickMs = 5

/** Sends all, or until the other end has closed. */
async function flood(socket: Socket): Promise<void> {
  let wake = (): void => {}
  for (const event of ['drain', 'close']) socket.on(event, () => wake())
  const startedAtMs = performance.now()
  if (kind.bare !== true) socket.write(opening)
  for (let index = 0; index < count && !socket.destroyed; ) {
    const due = ratePerSecond === undefined ? count : ((performance.now() - startedAtMs) * ratePerSecond) / 1000
    const units: Buffer[] = []
    for (let bytes = 0; index < Math.min(due, count) && bytes < 65_536; index += 1) {
      const unit = kind.next(index, path)
      units.push(unit)
      bytes += unit.byteLength
      report.sent += 1
    }
    const more = socket.write(Buffer.concat(units))
    if (!more && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (index >= due && index < count) await delay(tickMs)
  }
  if (lastCall !== undefined) socket.write(call(Buffer.from(lastCall, 'base64'))(count, path))
}

/** Between two connections of those that hang up, in ms: the rate is that of new ones then. */
const betweenMs = hangUp && ratePerSecond !== undefined ? (1000 * connections) / ratePerSecond : 0

async function connectAndFlood(): Promise<void> {
  do {
    const next = delay(betweenMs)
    const socket = createConnection({ host: hostname, port: Number(port) })
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('data', frameCounter(report))
    report.opened += 1
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
    await flood(socket)
    process.send?.({ ...report, state: 'sent' })
    if (hangUp) socket.destroy()
    await closed
    report.closed += 1
    await next
  } while (lasting)
}

process.on('message', () => process.send?.({ ...report, state: 'now' }))
process.on('disconnect', () => process.exit())
process.send?.({ ...report, state: 'began' })
await Promise.all(Array.from({ length: connections }, connectAndFlood))
process.send?.({ ...report, state: 'ended' })
