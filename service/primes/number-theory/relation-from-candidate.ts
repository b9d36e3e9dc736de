import type { FactorBase } from './factor-base.ts'
import { NO_ROOT, type Polynomials } from './polynomials.ts'
import type { Relation } from './relations.ts'

/** What a candidate is divided with. */
export interface TrialDivisionSetting {
  readonly n: bigint
  readonly base: FactorBase
  readonly halfLength: number
  readonly largePrimeLimit: number
}

/** The relation that a candidate (x + halfLength) gives, or undefined where too large a factor is left. */
export function relationFromCandidate(
  candidate: number,
  polynomials: Polynomials,
  { n, base, halfLength, largePrimeLimit }: TrialDivisionSetting,
): Relation | undefined {
  const { a, b, c, divisors, firstRoots, secondRoots } = polynomials
  const x = BigInt(candidate - halfLength)
  let rest = (a * x + 2n * b) * x + c
  const factors = divisors.map((index) => index + 1)
  if (rest < 0n) {
    factors.push(0)
    rest = -rest
  }
  const divide = (index: number): void => {
    const prime = BigInt(base.primes[index]!)
    while (rest % prime === 0n) {
      rest /= prime
      factors.push(index + 1)
    }
  }
  divide(0)
  for (const index of divisors) divide(index)
  for (let index = 1; index < base.primes.length; index++) {
    const residue = candidate % base.primes[index]!
    if (residue !== firstRoots[index] && residue !== secondRoots[index]) continue
    if (firstRoots[index] !== NO_ROOT) divide(index)
  }
  if (rest > BigInt(largePrimeLimit)) return undefined
  const root = (a * x + b) % n
  return { x: root < 0n ? root + n : root, factors, largePrime: Number(rest) }
}
