import type { Summary } from '../../../cli/spread/summarize.ts'
import type { Timeline } from '../../../cli/spread/timeline.ts'

/** The files of records: when the step began, and its name. */
export const recordFiles = '[0-9]*-*.json'

/**
 * What one step of the proofs came to. Each is a file of `recordFiles` in the folder of the report, from which the report is made.
 * Times that end in `AtMs` are milliseconds since 1970.
 */
export interface StepRecord {
  name: string
  /** A sentence that is true when the step went well. */
  title: string
  /** Graceful steps lose nothing; crashes are counted apart. */
  kind: 'graceful' | 'crash'
  /** Why the times of its pods say nothing of how soon callers know of them; they are left out of the run's figures then. */
  untimed?: string | undefined
  startedAtMs: number
  endedAtMs: number
  /** What was done to the cluster, and when. */
  marks: Mark[]
  loads: LoadRecord[]
  /** Pods of the service that became ready, or were deleted, while the loads ran. */
  pods: PodRecord[]
}

/** Something that was done, or came about. */
export interface Mark {
  atMs: number
  text: string
}

/** How the calls of one caller, over one connection or without a proxy, went through the step. */
export interface LoadRecord {
  /** Tiny calls to Envoy (`tls`: by TLS) or without a proxy; `mixed` ones have jobs of 1, 5 and 50 ms, `foreign` ones are to a server in Go. */
  name: 'envoy' | 'proxyless' | 'tls' | 'mixed' | 'foreign'
  target: string
  /** Who sent calls again beside Envoy, as `spread --retries` names it. */
  retries: 'off' | 'transparent' | 'policy'
  /** Calls per second. */
  rate: number
  summary: Summary
  timeline: Timeline
  /** Of the last seconds, when the step was over. */
  evenness: Evenness
}

/** How evenly calls were spread over the pods that were there. */
export interface Evenness {
  callsPerPod: Record<string, number>
  /** Null when a pod got none. */
  maxOverMin: number | null
  /** What a fair choice at random stays under in 99 of 100 runs. */
  diceP99: number
}

/** How soon callers used a pod, and ceased to. */
export interface PodRecord {
  name: string
  node: string | undefined
  readyAtMs: number | undefined
  deletedAtMs: number | undefined
  /** From Ready, as the API server told it, to the first call sent to it; only for pods that became ready during the step. */
  readyToFirstCallMs: Partial<Record<LoadRecord['name'], number>>
  /** Callers that sent it nothing, though it was ready for two seconds and more while they called. */
  neverCalledBy: LoadRecord['name'][]
  /** From its deletion, as the API server told it, to the last call sent to it; below 0 when that came before we were told. */
  deletedToLastCallMs: Partial<Record<LoadRecord['name'], number>>
}
