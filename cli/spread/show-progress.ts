import { Presets, SingleBar } from 'cli-progress'
import type { LoadProgress } from './load-options.ts'

/** Between two lines where there is no terminal, in milliseconds. */
const lineEveryMs = 5000

/** Shows how far a load has come. */
export interface ProgressView extends Disposable {
  update: (progress: LoadProgress) => void
}

/** A bar on a terminal, a plain line now and then elsewhere. Disposing ends the bar. */
export function showProgress(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? showBar(stream) : showLines(stream)
}

function showBar(stream: NodeJS.WriteStream): ProgressView {
  const format = '{bar} {seconds} of {totalSeconds} s, {sent} sent, {inFlight} in flight'
  const bar = new SingleBar({ stream, format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic)
  let started = false
  return {
    update: (progress) => {
      const payload = textOf(progress)
      if (!started) bar.start(progress.totalMs, 0, payload)
      started = true
      bar.update(Math.min(progress.elapsedMs, progress.totalMs), payload)
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

function showLines(stream: NodeJS.WriteStream): ProgressView {
  let nextAtMs = lineEveryMs
  return {
    update: (progress) => {
      if (progress.elapsedMs < nextAtMs) return
      nextAtMs += lineEveryMs
      const { seconds, totalSeconds, sent, inFlight } = textOf(progress)
      stream.write(`${seconds} of ${totalSeconds} s, ${sent} sent, ${inFlight} in flight\n`)
    },
    [Symbol.dispose]: () => {},
  }
}

function textOf({ elapsedMs, totalMs, sent, inFlight }: LoadProgress): Record<string, string> {
  const seconds = (Math.min(elapsedMs, totalMs) / 1000).toFixed(0)
  return { seconds, totalSeconds: String(totalMs / 1000), sent: String(sent), inFlight: String(inFlight) }
}
