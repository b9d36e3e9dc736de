import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Retries } from '../../cli/spread/open-channels.ts'

/** One caller: a channel of `client/`, and what it may do with a call that failed. */
export interface CallerKind {
  way: 'Envoy' | 'xds'
  /** `host:port` of Envoy, or `xds:///name`. */
  target: string
  retries: Retries
  /** `host:port` of the control plane of an `xds:` target; what it says of the route must go with `retries`. */
  xdsServer?: string
}

/** What the callers of one process do. */
export interface CallersOptions {
  callers: readonly CallerKind[]
  /** How many replicas there are: calls count once each of them has answered each caller. */
  replicas: number
  /** Calls a second of each caller, whether they are answered or not. */
  rate: number
  /** How long a call holds a worker, waiting. */
  jobMs: number
}

/** A call that was not answered with OK, or not soon. Times are of the wall clock, in ms. */
export interface Trouble {
  sentAtMs: number
  endedAtMs: number
  /** 0 for a call that was only late. */
  code: number
  details: string
  /** Its connection broke between headers and trailers. */
  cut: boolean
}

/** What one caller has seen. */
export interface CallerReport {
  kind: CallerKind
  /** Calls that have ended, which is all of them; those that OK was said to. */
  ended: number
  ok: number
  /** Calls that were due and not made; more than none spoils the figure. */
  notSent: number
  /** Of calls that ended with OK. */
  p999Ms: number
  /** Every call that did not end with OK within `lateMs`. */
  troubles: Trouble[]
}

/** A call with OK is late after this many milliseconds. */
export const lateMs = 500

/** Callers in a process of their own. */
export interface Callers extends AsyncDisposable {
  /** Ends the load, waits for every call, and tells how they ended. */
  finish(): Promise<CallerReport[]>
}

/** Starts callers of the hold workload; resolves when calls count. */
export async function startCallers(options: CallersOptions): Promise<Callers> {
  await using stack = new AsyncDisposableStack()
  const child = fork(fileURLToPath(new URL('./loss-callers-child.ts', import.meta.url)), [JSON.stringify(options)])
  const exited = once(child, 'exit')
  const next = async (): Promise<unknown> => {
    const ended = exited.then(([code]) => Promise.reject(new Error(`callers ended with ${code} before they reported`)))
    const [message] = await Promise.race([once(child, 'message'), ended])
    return message
  }
  stack.defer(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await next()
  const owned = stack.move()
  return {
    finish: async () => {
      const reports = next()
      child.send('finish')
      return (await reports) as CallerReport[]
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
