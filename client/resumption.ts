import { status } from '@grpc/grpc-js'
import { type CallFailure, failedToConnect, retryDelayMs } from './call-failure.ts'

/** Failures in a row without any progress between them that are borne: with the pauses below about 3 s. */
const maxFailuresInRow = 5
/** Pause before the second of such tries, in milliseconds; it doubles with each. */
const firstPauseMs = 100

/** Decides whether a broken stream is taken up again, and when. It is for streams that may be opened again: nothing is harmed by it. */
export class Resumption {
  #failuresInRow = 0
  #begun = false

  /**
   * How long to wait before the work goes on, in milliseconds; undefined when the failure must stand. `progressed` says that
   * the broken stream had brought something.
   */
  pauseMs(failure: CallFailure, progressed: boolean): number | undefined {
    this.#begun ||= progressed
    if (progressed) this.#failuresInRow = 0
    if (!this.#begun && failedToConnect(failure)) return undefined
    const askedForMs = retryDelayMs(failure)
    if (!mayRepeat(failure, progressed) && askedForMs === undefined) return undefined
    if (this.#failuresInRow >= maxFailuresInRow) return undefined
    const ownMs = progressed ? 0 : firstPauseMs * 2 ** this.#failuresInRow
    this.#failuresInRow += 1
    return Math.max(ownMs, askedForMs ?? 0)
  }
}

/** UNAVAILABLE always; a stream that was cut or ran out of time, once it had brought something. */
function mayRepeat({ code }: CallFailure, progressed: boolean): boolean {
  if (code === status.UNAVAILABLE) return true
  return progressed && [status.INTERNAL, status.CANCELLED, status.DEADLINE_EXCEEDED].includes(code)
}
