import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Caller, type CallerName, startCaller } from './callers.ts'
import { evennessOf } from './evenness.ts'
import { type PodTimes, watchPods } from './pod-times.ts'
import { readyPods, type Stage, selectorOf } from './stage.ts'
import type { LoadRecord, PodRecord, StepRecord } from './step-record.ts'

/** For how long calls run before something is done. */
const calmBeforeMs = 3000
/** Of the calls of so long, the last, it is said how evenly they were spread. */
const evennessMs = 5000

/** A step: what is done to the installation while calls run. */
export interface Step extends Pick<StepRecord, 'name' | 'title' | 'kind'> {
  /** Only where somebody can break nodes, or reach pods from outside. */
  nodesAtHand?: true
  /** Default: one connection to Envoy, and a caller without a proxy. */
  callers?: readonly CallerName[]
  /** What is done before they call. */
  prepare?: (stage: Stage) => Promise<void>
  /** For how long calls run after it is over; default 6000. */
  calmAfterMs?: number
  /** Resolves when the step is over and all pods are as they shall be. `mark` names what is done, for the report. */
  act: (stage: Stage, mark: (text: string) => void) => Promise<void>
}

/** Runs a step under load, writes its record and resolves to it. */
export async function runStep(stage: Stage, step: Step): Promise<StepRecord> {
  const { name, title, kind, calmAfterMs = 6000, callers: names = ['envoy', 'proxyless'] } = step
  await step.prepare?.(stage)
  await using parts = new AsyncDisposableStack()
  const { pods } = parts.use(watchPods(stage.kubectl, selectorOf('service')))
  const callers = await Promise.all(names.map((caller) => startCaller(stage, caller, parts)))
  await delay(calmBeforeMs)
  const startedAtMs = Date.now()
  const marks: StepRecord['marks'] = []
  await step.act(stage, (text) => marks.push({ atMs: Date.now(), text }))
  const endedAtMs = Date.now()
  await delay(calmAfterMs)
  const left = (await readyPods(stage)).map(({ metadata }) => metadata.name)
  const window = { fromMs: Date.now() - evennessMs, toMs: Date.now(), pods: left }
  const loads = await Promise.all(callers.map((caller) => endOf(caller, window)))
  const touched = [...pods.values()].filter((pod) => isWithin(pod, startedAtMs))
  const record = {
    name,
    title,
    kind,
    startedAtMs,
    endedAtMs,
    marks,
    loads,
    pods: touched.map((pod) => podRecord(pod, loads)),
  }
  await writeFile(join(stage.reportFolder, `${startedAtMs}-${name}.json`), `${JSON.stringify(record)}\n`)
  return record
}

async function endOf(
  { pod, ...about }: Caller,
  window: { fromMs: number; toMs: number; pods: readonly string[] },
): Promise<LoadRecord> {
  const { timeline, ...summary } = await pod.end()
  return { ...about, summary, timeline, evenness: evennessOf(timeline, window) }
}

const isWithin = ({ readyAtMs = 0, deletedAtMs = 0 }: PodTimes, startedAtMs: number): boolean =>
  Math.max(readyAtMs, deletedAtMs) >= startedAtMs

function podRecord({ name, node, readyAtMs, deletedAtMs }: PodTimes, loads: readonly LoadRecord[]): PodRecord {
  const record: PodRecord = { name, node, readyAtMs, deletedAtMs, readyToFirstCallMs: {}, deletedToLastCallMs: {} }
  for (const { name: load, timeline } of loads) {
    const calls = timeline.pods[name]
    if (calls === undefined) continue
    const isNew = readyAtMs !== undefined && readyAtMs > timeline.startedAt + calmBeforeMs / 2
    if (isNew) record.readyToFirstCallMs[load] = calls.firstSentAt - readyAtMs
    if (deletedAtMs !== undefined) record.deletedToLastCallMs[load] = calls.lastSentAt - deletedAtMs
  }
  return record
}
