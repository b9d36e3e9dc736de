/** What one run of the sieve is set to. */
export interface SieveParameters {
  /** How many primes the factor base has. */
  readonly factorBaseSize: number
  /** How many values of one polynomial are sieved, half of them at negative x. A multiple of 4. */
  readonly sieveLength: number
  /** A remaining factor is kept up to this many times the largest prime of the base. */
  readonly largePrimeFactor: number
}

/**
 * By bits of the number: found by measuring random products of two primes of equal size, each entry within a tenth of the
 * best. Between two rows the factor base is interpolated.
 */
const TABLE: readonly (readonly [bits: number, size: number, length: number, large: number])[] = [
  [60, 60, 2 ** 14, 20],
  [80, 100, 2 ** 15, 20],
  [100, 180, 2 ** 15, 30],
  [120, 330, 2 ** 16, 40],
  [133, 500, 2 ** 16, 40],
  [150, 800, 2 ** 16, 40],
  [166, 1400, 2 ** 17, 40],
  [183, 2200, 2 ** 17, 50],
  [200, 3500, 2 ** 18, 60],
  [216, 5500, 2 ** 18, 80],
  [233, 9000, 2 ** 18, 100],
  [266, 14000, 2 ** 19, 100],
]

/** The parameters for a number of so many bits. Beyond 266 bits the base stays at 14 000 primes, so memory at about 60 MB. */
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
