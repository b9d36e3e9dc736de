/** A source of numbers that look random and are the same for the same seed. */
export interface RandomNumbers {
  /** A number below `limit` (at least 1), evenly but for a bias of 2^-64. */
  below(limit: bigint): bigint
  /** A number of exactly `bits` bits. */
  ofBits(bits: number): bigint
}

/**
 * SplitMix64 (G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, 2014). For choices that any
 * answer survives, such as the curve to try next, and for tests that can be repeated; not for secrets.
 */
export function createRandomNumbers(seed: number): RandomNumbers {
  let state = BigInt.asUintN(64, BigInt(seed))
  const next64 = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = state
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return mixed ^ (mixed >> 31n)
  }
  const ofAtMost = (bits: number): bigint => {
    let value = 0n
    for (let have = 0; have < bits; have += 64) value = (value << 64n) | next64()
    return BigInt.asUintN(bits, value)
  }
  return {
    below: (limit) => ofAtMost(limit.toString(2).length + 64) % limit,
    ofBits: (bits) => (1n << BigInt(bits - 1)) | ofAtMost(bits - 1),
  }
}
