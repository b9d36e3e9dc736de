import { status } from '@grpc/grpc-js'
import { type CallerReport, lateMs, type Trouble } from './loss-callers.ts'
import { killLoss, type StopLoss, stopLoss } from './loss-crashes.ts'
import { rollingLoss } from './loss-rolling.ts'
import type { Row } from './row.ts'

/** How often replicas leave, in which way, and how often progress is told. */
export interface LossOptions {
  restarts?: number
  calls?: number
  kills?: number
  stops?: number
  onProgress?: (done: number, total: number) => void
}

/**
 * Calls that are lost when replicas leave: asked to, killed, and stopped. An open loop of calls through Envoy, and of as many by xds
 * without it, each with the three kinds of repeats that grpc-js has. A refusal is an answer, and is counted beside.
 */
export async function lossBench(options: LossOptions = {}): Promise<Row[]> {
  const { restarts = 20, calls = 100_000, kills = 30, stops = 3, onProgress } = options
  let done = 0
  const onStep = (): void => onProgress?.((done += 1), restarts + 1 + kills + stops)
  const rolling = await rollingLoss({ restarts, calls, onStep })
  const killed = await killLoss({ kills, onStep })
  return lossRows({ rolling, killed, stopped: await stopLoss({ stops, onStep }) })
}

/** What the callers of each part have seen. */
interface Losses {
  rolling: readonly CallerReport[]
  killed: readonly CallerReport[]
  stopped: StopLoss
}

/** The figures of all parts; each says which repeats its caller had. */
export function lossRows({ rolling, killed, stopped }: Losses): Row[] {
  return [
    ...rolling.map((report) => lostRow('restarts', report, 0)),
    ...killed.flatMap(killedRows),
    ...stopped.reports.flatMap((report) => stoppedRows(report, stopped)),
  ]
}

const nameOf = (event: string, { kind }: CallerReport): string => `${event}: ${kind.way}, retries ${kind.retries}`

/** Whether someone on the way may repeat a call that was begun; nobody does so by xds without a policy. */
const isRepeated = ({ kind }: CallerReport): boolean => kind.way === 'Envoy' || kind.retries === 'policy'

const lostOf = ({ troubles }: CallerReport): Trouble[] =>
  troubles.filter(({ code }) => code !== status.OK && code !== status.RESOURCE_EXHAUSTED)

function lostRow(event: string, report: CallerReport, aim: number | null): Row {
  const lost = lostOf(report).filter(({ cut }) => !cut)
  const refused = report.troubles.filter(({ code }) => code === status.RESOURCE_EXHAUSTED).length
  const peer = `of ${report.ended}${refused > 0 ? `, ${refused} refused` : ''}${reasons(lost)}`
  return { name: `${nameOf(event, report)}: lost`, value: lost.length, unit: 'calls', aim, peer }
}

function killedRows(report: CallerReport): Row[] {
  const name = nameOf('SIGKILL', report)
  const cut = lostOf(report).filter((trouble) => trouble.cut)
  // No proxy repeats these; a channel of ours with a policy does.
  const cutAim = report.kind.retries === 'policy' ? 0 : null
  return [
    lostRow('SIGKILL', report, isRepeated(report) ? 0 : null),
    { name: `${name}: cut after headers`, value: cut.length, unit: 'calls', aim: cutAim, peer: reasons(cut).slice(2) },
    { name: `${name}: p99.9`, value: report.p999Ms, unit: 'ms', aim: isRepeated(report) ? 500 : null, peer: null },
  ]
}

function stoppedRows(report: CallerReport, { stoppedAtMs }: StopLoss): Row[] {
  const name = nameOf('SIGSTOP', report)
  const { troubles } = report
  const late = troubles.filter(({ code }) => code === status.OK)
  const lasted = stoppedAtMs.map((fromMs, index) => {
    const untilMs = stoppedAtMs[index + 1] ?? Number.POSITIVE_INFINITY
    // By its end: a call that was sent right before a stop is late because of that one.
    const ends = troubles.filter(({ endedAtMs }) => endedAtMs < untilMs).map(({ endedAtMs }) => endedAtMs - fromMs)
    return Math.max(0, ...ends) / 1000
  })
  const peer = `${late.length} later than ${lateMs} ms, of ${report.ended} calls`
  const aim = report.kind.way === 'Envoy' ? 3 : null
  return [
    lostRow('SIGSTOP', report, isRepeated(report) && report.kind.way === 'Envoy' ? 0 : null),
    { name: `${name}: until none is late`, value: Math.max(...lasted), unit: 's', aim, peer },
  ]
}

/** How calls ended, each with its number, the most frequent first. */
function reasons(failures: readonly Trouble[]): string {
  const counts = new Map<string, number>()
  for (const { code, details } of failures) {
    const reason = `${status[code]} ${details}`
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 3)
  return sorted.map(([reason, count]) => `; ${count} × ${reason}`).join('')
}
