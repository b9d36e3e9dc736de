/** What one run of the sieve is set to. */
export interface SieveParameters {
  /** How many primes the factor base has. */
  readonly factorBaseSize: number
  /** How many values of one polynomial are sieved, half of them at negative x. A multiple of 16. */
  readonly sieveLength: number
  /** A remaining factor is kept up to this many times the largest prime of the base. */
  readonly largePrimeFactor: number
}

/**
 * By bits of the number, found by measuring products of two random primes of equal size. The optimum is flat: a base larger
 * or smaller by a fifth costs a few percent. Between two rows the base is interpolated, the rest is the upper row's.
 */
const TABLE: readonly (readonly [bits: number, size: number, length: number, large: number])[] = [
  [60, 50, 2 ** 13, 30],
  [80, 90, 2 ** 14, 30],
  [100, 160, 2 ** 14, 40],
  [120, 330, 2 ** 15, 40],
  [133, 500, 2 ** 15, 50],
  [150, 900, 2 ** 16, 60],
  [166, 1600, 2 ** 17, 80],
  [183, 2900, 2 ** 17, 100],
  [200, 4500, 2 ** 18, 150],
  [216, 7000, 2 ** 18, 150],
  [233, 9000, 2 ** 18, 200],
  [266, 10_000, 2 ** 19, 200],
]

/** The parameters for a number of so many bits. The base ends at 10 000 primes, so the elimination at 25 MB. */
export function parametersFor(bits: number): SieveParameters {
  const above = TABLE.findIndex(([rowBits]) => rowBits >= bits)
  const high = TABLE[above === -1 ? TABLE.length - 1 : above]!
  const low = TABLE[Math.max(0, above - 1)]!
  const span = high[0] - low[0]
  const share = above <= 0 || span === 0 ? 1 : (bits - low[0]) / span
  return {
    factorBaseSize: Math.round(low[1] * (high[1] / low[1]) ** share),
    sieveLength: high[2],
    largePrimeFactor: high[3],
  }
}
