import type { Share, Tally } from './tally.ts'

/** A share with the name of who did it: `pod`, `pod/process` or `pod/process/worker`. */
export interface NamedShare extends Share {
  name: string
  /** Calls refused as full; only pods have it. */
  refused?: number
}

/** Who did how much, by name, the numbers in names in their order. */
export interface Shares {
  pods: NamedShare[]
  processes: NamedShare[]
  workers: NamedShare[]
}

/** The shares of a tally. A pod that only refused is there with no calls. */
export function sharesOf({ pods }: Tally): Shares {
  const rows = [...pods]
  const named = (prefix: string, shares: Map<string, Share>): NamedShare[] =>
    [...shares].map(([key, share]) => ({ name: `${prefix}/${key}`, ...share }))
  return {
    pods: sorted(rows.map(([name, { calls, busyMs, refused }]) => ({ name, calls, busyMs, refused }))),
    processes: sorted(rows.flatMap(([name, { processes }]) => named(name, processes))),
    workers: sorted(rows.flatMap(([name, { workers }]) => named(name, workers))),
  }
}

function sorted(shares: NamedShare[]): NamedShare[] {
  return shares.toSorted((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
}
