import type { SignalSource } from '../../chassis/stop.ts'

/** The signals of a drain. */
export interface DrainSignals extends Disposable {
  /** Aborts at the first SIGTERM or SIGINT. */
  readonly asked: AbortSignal
  /** Aborts at the second: callers are not waited for any more. Its reason is 130 or 143. */
  readonly hurry: AbortSignal
}

/** Listens for signals from now on; in a container they would be lost otherwise. */
export function listenForSignals(process: SignalSource): DrainSignals {
  const [asked, hurry] = [new AbortController(), new AbortController()]
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked.signal.aborted) hurry.abort(signal === 'SIGINT' ? 130 : 143)
    else asked.abort()
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  return {
    asked: asked.signal,
    hurry: hurry.signal,
    [Symbol.dispose]: () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal),
  }
}
