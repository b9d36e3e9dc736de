import { factorize } from '../../service/primes/number-theory/factorize.ts'
import { checkPrime } from '../../service/primes/number-theory/is-prime.ts'
import { createRandomNumbers, type RandomNumbers } from '../../service/primes/number-theory/random-numbers.ts'
import type { Row } from './row.ts'

/** `count` products (default 100) of two 20-digit primes, the same ones for the same `seed` (default 1). */
export interface FactorizeBenchOptions {
  count?: number
  seed?: number
  onProgress?: (done: number, total: number) => void
}

/**
 * Factorizes random products of two 20-digit primes, one after the other on this thread, and says how many seconds one
 * takes. The first ones include the compiler's warm-up. Throws where a result is wrong.
 */
export async function factorizeBench(options: FactorizeBenchOptions = {}): Promise<Row[]> {
  const { count = 100, seed = 1, onProgress } = options
  const random = createRandomNumbers(seed)
  const seconds: number[] = []
  for (let done = 0; done < count; done++) {
    seconds.push(secondsFor(randomPrime20(random), randomPrime20(random)))
    onProgress?.(done + 1, count)
    // Lets a progress bar be drawn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const sorted = seconds.toSorted((x, y) => x - y)
  const row = (name: string, value: number, aim: number | null): Row => ({
    name: `factorize, two 20-digit primes, ${name} of ${count}`,
    value: Number(value.toFixed(4)),
    unit: 's',
    aim,
    peer: null,
  })
  return [
    row('p50', sorted[Math.ceil(count * 0.5) - 1] ?? 0, null),
    row('p99', sorted[Math.ceil(count * 0.99) - 1] ?? 0, 10),
    row('max', sorted.at(-1) ?? 0, null),
  ]
}

/** A random prime of 20 digits. */
export function randomPrime20(random: RandomNumbers): bigint {
  for (;;) {
    const n = 10n ** 19n + random.below(9n * 10n ** 19n)
    if (checkPrime(n).prime) return n
  }
}

function secondsFor(p: bigint, q: bigint): number {
  const start = performance.now()
  const factors = factorize(p * q, () => undefined)
  const elapsed = (performance.now() - start) / 1000
  const found = factors.flatMap(({ prime, exponent }) => Array.from({ length: exponent }, () => prime))
  const expected = p < q ? [p, q] : [q, p]
  if (found.join() !== expected.join()) throw new Error(`${p * q} is ${expected.join(' * ')}, not ${found.join(' * ')}`)
  return elapsed
}
