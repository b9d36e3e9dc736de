/** One job: when it arrives and how long it holds a server, in ms. */
export interface Job {
  arrivalMs: number
  serviceMs: number
}

/**
 * How long each job stays in one central first-come-first-served queue before `servers` equal servers, in ms: what no balancer
 * in front of separate queues can beat without knowing the future. Jobs must be sorted by arrival.
 */
export function idealSojournsMs(jobs: readonly Job[], servers: number): number[] {
  const freeAtMs = new Float64Array(servers)
  return jobs.map(({ arrivalMs, serviceMs }) => {
    let first = 0
    for (let server = 1; server < servers; server += 1) {
      if ((freeAtMs[server] as number) < (freeAtMs[first] as number)) first = server
    }
    const endMs = Math.max(arrivalMs, freeAtMs[first] as number) + serviceMs
    freeAtMs[first] = endMs
    return endMs - arrivalMs
  })
}

/**
 * How long each job would take, in milliseconds, were it given to the replica with the fewest jobs, ties in turn, each replica with
 * a queue of its own, and all of it took no time: what a full scan can reach at best.
 */
export function fullScanSojournsMs(jobs: readonly Job[], shape: { replicas: number; workers: number }): number[] {
  const replicas = Array.from({ length: shape.replicas }, () => ({
    endsMs: [] as number[],
    freeAtMs: Array.from({ length: shape.workers }, () => 0),
  }))
  let turn = 0
  return jobs.map(({ arrivalMs, serviceMs }) => {
    for (const replica of replicas) replica.endsMs = replica.endsMs.filter((endMs) => endMs > arrivalMs)
    const order = replicas.map((_, index) => (turn + index) % replicas.length)
    const openAt = (index: number): number => replicas[index]?.endsMs.length ?? 0
    const least = order.reduce((best, index) => (openAt(index) < openAt(best) ? index : best))
    turn = least + 1
    const { endsMs, freeAtMs } = replicas[least] as (typeof replicas)[number]
    const worker = freeAtMs.indexOf(Math.min(...freeAtMs))
    const endMs = Math.max(arrivalMs, freeAtMs[worker] as number) + serviceMs
    freeAtMs[worker] = endMs
    endsMs.push(endMs)
    return endMs - arrivalMs
  })
}
