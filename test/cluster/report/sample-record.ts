import type { LoadRecord, PodRecord, StepRecord } from '../support/step-record.ts'

/** What a test says of a record. */
export interface Sample {
  kind?: StepRecord['kind']
  title?: string
  sent?: number
  lost?: number
  pods?: Partial<PodRecord>[]
  untimed?: string
}

/** A record of two pods that shared the calls of one connection to Envoy. */
export function record({
  kind = 'graceful',
  title = 'calls go on',
  sent = 20,
  lost = 0,
  pods = [],
  untimed,
}: Sample): StepRecord {
  return {
    name: 'step',
    title,
    kind,
    untimed,
    startedAtMs: 1_000_000,
    endedAtMs: 1_001_000,
    marks: [{ atMs: 1_000_100, text: 'kubectl scale --replicas 2' }],
    loads: [load(sent, lost)],
    pods: pods.map((pod) => ({ ...emptyPod, ...pod })),
  }
}

const emptyPod: PodRecord = {
  name: 'pod-1',
  node: 'node-1',
  readyAtMs: undefined,
  deletedAtMs: undefined,
  neverCalledBy: [],
  readyToFirstCallMs: {},
  deletedToLastCallMs: {},
}

function load(sent: number, lost: number): LoadRecord {
  const half = (sent - lost) / 2
  const calls = [half, 0]
  return {
    name: 'envoy',
    target: 'evenkeel-envoy:8080',
    retries: 'transparent',
    rate: 100,
    summary: {
      sent,
      ok: sent - lost,
      refused: 0,
      lost,
      retried: 0,
      errorsByCode: lost > 0 ? { UNAVAILABLE: lost } : {},
      latencyMs: { p50: 1, p90: 2, p99: 3, p999: 4, max: 5 },
      callsPerPod: { 'pod-1': half, 'pod-2': half },
      busyMsPerPod: {},
      callsPerProcess: {},
      callsPerWorker: {},
      podsExpected: null,
      maxOverMin: 1,
      maxOverMean: 1,
      diceP99: 1.2,
      seconds: 1,
      cut: 0,
      queueWaitMs: { p50: 0.1, p99: 2.5 },
      notSent: 0,
    },
    timeline: {
      startedAt: 1_000_000,
      bucketMs: 100,
      callsPerPod: { 'pod-1': calls, 'pod-2': calls.toReversed() },
      refused: [0, 0],
      lost: [0, lost],
      pods: {},
    },
    evenness: { callsPerPod: { 'pod-1': half, 'pod-2': half }, maxOverMin: 1, diceP99: 1.2 },
  }
}
