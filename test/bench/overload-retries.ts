import { status } from '@grpc/grpc-js'
import type { CallEnd } from '../../cli/spread/call-end.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import { deadlineMs, jobMs } from './overload-load.ts'
import { median, type Row } from './row.ts'

/** Each way of calling is measured with so many seeds, by turns. */
const seeds = [1, 2, 3]
/** The start that does not count. */
const warmUpMs = 1000

interface Turn {
  attempts: number
  /** Answers in time a second, of capacity. */
  goodput: number
}

/**
 * Three times the capacity from callers of `client/` that repeat what is refused, and from such that do not: how often each call
 * is sent, and whether more calls are answered for it.
 */
export async function retryRows(target: string, capacity: number, seconds: number): Promise<Row[]> {
  const turns: Record<'repeating' | 'not', Turn[]> = { repeating: [], not: [] }
  for (const seed of seeds) {
    for (const way of ['repeating', 'not'] as const) {
      turns[way].push(await callOnce(target, { capacity, seconds, seed, repeatRefused: way === 'repeating' }))
    }
  }
  const middle = (of: readonly Turn[], figure: keyof Turn): number => median(of.map((turn) => turn[figure]))
  const all = (of: readonly Turn[]): string => of.map(({ goodput }) => goodput.toFixed(3)).join(' ')
  const { repeating, not } = turns
  return [
    {
      name: '3 × capacity, callers that repeat by policy: attempts per call',
      value: middle(repeating, 'attempts'),
      unit: 'ratio',
      aim: 1.2,
      peer: `${middle(not, 'attempts').toFixed(3)} with repeatRefused: false`,
    },
    {
      name: '3 × capacity, callers that repeat by policy: answered in time, of capacity',
      value: middle(repeating, 'goodput'),
      unit: 'ratio',
      aim: null,
      peer: `${middle(not, 'goodput').toFixed(3)} with repeatRefused: false; by seed ${all(repeating)} against ${all(not)}`,
    },
  ]
}

async function callOnce(
  target: string,
  { capacity, seconds, ...way }: { capacity: number; seconds: number; seed: number; repeatRefused: boolean },
): Promise<Turn> {
  let [calls, attempts, good] = [0, 0, 0]
  const onCallEnd = ({ intendedMs, latencyMs, code, attempts: sent }: CallEnd): void => {
    if (intendedMs < warmUpMs) return
    calls += 1
    attempts += sent
    if (code === status.OK && latencyMs <= deadlineMs) good += 1
  }
  await runLoad({
    target,
    work: holdWork({ mix: { [`${jobMs}ms`]: 1 }, seed: 1, compute: true }),
    rate: 3 * capacity,
    seconds,
    deadlineMs,
    retries: 'policy',
    arrivals: 'poisson',
    maxInFlight: 100_000,
    onCallEnd,
    ...way,
  })
  return { attempts: attempts / calls, goodput: (good * 1000) / (seconds * 1000 - warmUpMs) / capacity }
}
