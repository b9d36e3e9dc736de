/** The primes below `limit`, ascending, by the sieve of Eratosthenes over odd numbers. Takes `limit / 2` bytes meanwhile. */
export function primesBelow(limit: number): Uint32Array {
  if (limit <= 2) return new Uint32Array(0)
  const composite = new Uint8Array(limit >>> 1)
  for (let i = 1; 2 * i * (i + 1) < composite.length; i++) {
    if (composite[i]) continue
    const step = 2 * i + 1
    for (let j = 2 * i * (i + 1); j < composite.length; j += step) composite[j] = 1
  }
  const primes = [2]
  for (let i = 1; i < composite.length; i++) if (!composite[i]) primes.push(2 * i + 1)
  return Uint32Array.from(primes)
}

interface Batch {
  readonly product: bigint
  readonly primes: Uint32Array
}

/**
 * The primes below 2000, packed into products below 2^32: one BigInt remainder serves a whole batch, and what is left are
 * remainders of 32-bit integers, which cost a tenth of it.
 */
const BATCHES: readonly Batch[] = packBatches(primesBelow(2000))

function packBatches(primes: Uint32Array): Batch[] {
  const batches: Batch[] = []
  let start = 0
  let product = 1
  primes.forEach((prime, index) => {
    if (product * prime >= 2 ** 32) {
      batches.push({ product: BigInt(product), primes: primes.slice(start, index) })
      start = index
      product = 1
    }
    product *= prime
  })
  batches.push({ product: BigInt(product), primes: primes.slice(start) })
  return batches
}

/**
 * The smallest prime that divides `n` (at least 2) among those of the first `batchCount` batches (the first three hold the
 * primes to 43, all hold those below 2000), or 0. `n` itself counts as a divisor.
 */
export function smallDivisor(n: bigint, batchCount: number): number {
  const count = Math.min(batchCount, BATCHES.length)
  for (let index = 0; index < count; index++) {
    const batch = BATCHES[index]!
    const rest = Number(n % batch.product) >>> 0
    for (const prime of batch.primes) if (rest % prime === 0) return prime
  }
  return 0
}
