/** The least time between two publications, in ms: far below what anyone notices, and enough to merge a rollout's burst. */
const minGapMs = 20

/**
 * Calls `publish` with the newest value: at once where nothing was published for a while, otherwise merged with what comes
 * meanwhile. When publishing takes long, as with very many endpoints, half of the time is left for everything else. Disposing
 * drops what waits, and what comes later.
 */
export function mergeUpdates<Value>(publish: (value: Value) => void): ((value: Value) => void) & Disposable {
  let waiting: { value: Value } | undefined
  let timer: NodeJS.Timeout | undefined
  let disposed = false
  const publishNow = (value: Value): void => {
    const startedAtMs = performance.now()
    publish(value)
    // From here on, not from the start, or nothing would be left of it when publishing takes long.
    timer = setTimeout(publishWaiting, Math.max(minGapMs, performance.now() - startedAtMs))
  }
  const publishWaiting = (): void => {
    timer = undefined
    if (!waiting) return
    const { value } = waiting
    waiting = undefined
    publishNow(value)
  }
  const update = (value: Value): void => {
    if (disposed) return
    if (timer === undefined) publishNow(value)
    else waiting = { value }
  }
  const dispose = (): void => {
    disposed = true
    clearTimeout(timer)
  }
  return Object.assign(update, { [Symbol.dispose]: dispose })
}
