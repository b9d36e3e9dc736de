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
