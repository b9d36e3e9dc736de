import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { usageError } from '../command-error.ts'
import { drawJobs, jobMs, type JobMix } from './jobs.ts'
import type { Work } from './work.ts'

/** Longest that HoldService holds a worker, in milliseconds. */
const longestMs = 30_000

/** Holds of the milliseconds that each job's name says, waiting or computing. Throws a usage error for other jobs. */
export function holdWork({ mix, seed, compute }: { mix: JobMix; seed: number; compute: boolean }): Work {
  const requests = new Map(Object.keys(mix).map((job) => [job, encode(job, compute)]))
  const jobs = drawJobs(mix, seed)
  return {
    path: HoldServiceService.hold.path,
    nextRequest: () => requests.get(jobs.next().value) as Buffer,
  }
}

function encode(job: string, compute: boolean): Buffer {
  const milliseconds = jobMs(job)
  if (milliseconds === undefined || milliseconds > longestMs) {
    throw usageError(`"${job.slice(0, 24)}": no such job of HoldService; there are tiny and 0ms to ${longestMs}ms`)
  }
  return Buffer.from(HoldRequest.encode({ milliseconds, compute }).finish())
}
