import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Caller, type CallerName, startCaller } from './callers.ts'
import { type EvennessWindow, evennessOf } from './evenness.ts'
import type { LoadResult } from './load-pod.ts'
import { podRecords, withPodNames } from './pod-records.ts'
import { type PodTimes, watchPods } from './pod-times.ts'
import { readyPods, type Stage, selectorOf } from './stage.ts'
import type { LoadRecord, StepRecord } from './step-record.ts'

/** For how long calls run before something is done. */
const calmBeforeMs = 3000
/** Of the calls of so long, the last, it is said how evenly they were spread. */
const evennessMs = 5000

/** A step: what is done to the installation while calls run. */
export interface Step extends Pick<StepRecord, 'name' | 'title' | 'kind' | 'untimed'> {
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
  const { name, title, kind, untimed, calmAfterMs = 6000, callers: names = ['envoy', 'proxyless'] } = step
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
  const ended = await Promise.all(callers.map(async ({ pod, ...about }) => ({ ...about, ...(await pod.end()) })))
  const seen = [...pods.values()]
  const loads = ended.map((load) => loadRecord(load, window, seen))
  const about = { name, title, kind, untimed, startedAtMs, endedAtMs, marks }
  const record: StepRecord = { ...about, loads, pods: podRecords(seen, loads, startedAtMs) }
  await writeFile(join(stage.reportFolder, `${startedAtMs}-${name}.json`), `${JSON.stringify(record)}\n`)
  return record
}

type EndedLoad = Omit<Caller, 'pod'> & LoadResult

function loadRecord(
  { name, target, retries, rate, timeline: sent, ...summary }: EndedLoad,
  window: EvennessWindow,
  pods: readonly PodTimes[],
): LoadRecord {
  const timeline = withPodNames(sent, pods)
  return { name, target, retries, rate, summary, timeline, evenness: evennessOf(timeline, window) }
}
