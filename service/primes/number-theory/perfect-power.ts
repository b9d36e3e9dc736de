import { integerRoot } from './modular.ts'

/**
 * Writes n > 1 as root^exponent with the least prime exponent that fits, or returns undefined where n is no power.
 * `leastDivisor`: a bound that no prime divisor of n lies below; it limits the exponents to be tried.
 */
export function perfectPower(n: bigint, leastDivisor: number): { root: bigint; exponent: number } | undefined {
  const largest = Math.floor(n.toString(2).length / Math.log2(leastDivisor))
  for (let exponent = 2; exponent <= largest; exponent++) {
    const root = integerRoot(n, exponent)
    if (root ** BigInt(exponent) === n) return { root, exponent }
  }
  return undefined
}
