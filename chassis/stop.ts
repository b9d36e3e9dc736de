/** What a stop listens to. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>

/** The wish to end a process, as its signals say it. */
export interface Stop extends Disposable {
  /** Aborts at the first SIGTERM or SIGINT, or when the parent that started the process with an IPC channel is gone. */
  readonly asked: AbortSignal
  /** Aborts at a SIGINT after that: what still runs is to be ended at once. A second SIGTERM changes nothing. */
  readonly hurry: AbortSignal
  /** 143 or 130, by the first signal. */
  exitCode(): number
}

/**
 * Listens for signals from now on. An entry point calls it before it loads anything else: a signal that finds nobody
 * listening kills the process, or is lost where it is the first one of a container.
 */
export function listenForStop(process: SignalSource): Stop {
  const asked = new AbortController()
  const hurry = new AbortController()
  let first: NodeJS.Signals = 'SIGTERM'
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!asked.signal.aborted) {
      first = signal
      asked.abort(new Error(`asked to stop by ${signal}`))
    } else if (signal === 'SIGINT') hurry.abort()
  }
  const onParentGone = (): void => onSignal('SIGTERM')
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('disconnect', onParentGone)
  return {
    asked: asked.signal,
    hurry: hurry.signal,
    exitCode: () => (first === 'SIGINT' ? 130 : 143),
    [Symbol.dispose]: () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('disconnect', onParentGone),
  }
}
