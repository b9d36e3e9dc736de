import { gcd, inverseModulo } from './modular.ts'
import type { RandomNumbers } from './random-numbers.ts'
import { primesBelow } from './small-primes.ts'
import type { Poll } from './stop.ts'

/** How far one curve goes: primes up to `bound` at first, then a single one up to a hundred times that. */
export interface CurveEffort {
  /** At least 2000, so that the second stage begins within half a giant step of the first multiple. */
  readonly bound: number
  readonly curves: number
}

/** How much farther the second stage goes than the first: it then takes about as long. */
const SECOND_STAGE = 100

/** The second stage goes in steps of this many: 2 * 3 * 5 * 7 * 11, so that only 240 residues are prime to it. */
const GIANT_STEP = 2310

/** A point of a Montgomery curve without its y, as x : z. */
interface Point {
  readonly x: bigint
  readonly z: bigint
}

/**
 * A divisor of n other than 1 and n by elliptic curves, or undefined where these many find none (H. Lenstra 1987;
 * P. Montgomery, Speeding the Pollard and Elliptic Curve Methods of Factorization, 1987). The time depends on the divisor,
 * hardly on n: bound 2000 and 25 curves find most of 15 digits, 11 000 and 90 of 20, 50 000 and 250 of 25.
 */
export function splitByCurves(
  n: bigint,
  effort: CurveEffort & { random: RandomNumbers },
  poll: Poll,
): bigint | undefined {
  const primes = primesBelow(effort.bound * SECOND_STAGE)
  for (let curve = 0; curve < effort.curves; curve++) {
    const divisor = tryCurve(n, { primes, bound: effort.bound, sigma: 6n + effort.random.below(2n ** 40n) }, poll)
    if (divisor !== 1n && divisor !== n) return divisor
  }
  return undefined
}

/** What one curve has in common with n: usually 1, rarely n, else a divisor. */
function tryCurve(n: bigint, by: { primes: Uint32Array; bound: number; sigma: bigint }, poll: Poll): bigint {
  const { primes, bound, sigma } = by
  // Suyama's family: the order of every such curve is a multiple of 12.
  const u = (sigma * sigma - 5n) % n
  const v = (4n * sigma) % n
  const denominator = (16n * u * u * u * v) % n
  const inverse = inverseModulo(denominator, n)
  if (inverse === 0n) return gcd(denominator, n)
  const curve = new Curve(n, ((((v - u) ** 3n * (3n * u + v)) % n) * inverse) % n)
  let point: Point = { x: u ** 3n % n, z: v ** 3n % n }
  for (const prime of primes) {
    if (prime > bound) break
    poll()
    for (let power = prime; power <= bound; power *= prime) point = curve.multiply(point, prime)
  }
  const divisor = gcd(point.z < 0n ? -point.z : point.z, n)
  return divisor === 1n ? secondStage(curve, point, { primes, bound, poll }) : divisor
}

/** Finds a divisor for which one prime between the bounds is missing: as m * GIANT_STEP +- j, one product for each. */
function secondStage(curve: Curve, point: Point, by: { primes: Uint32Array; bound: number; poll: Poll }): bigint {
  const { n } = curve
  const { primes, bound, poll } = by
  const small = oddMultiples(curve, point)
  const giant = curve.multiply(point, GIANT_STEP)
  let m = Math.round(bound / GIANT_STEP)
  let before = m === 1 ? undefined : curve.multiply(giant, m - 1)
  let current = curve.multiply(giant, m)
  let product = 1n
  for (const prime of primes) {
    if (prime <= bound) continue
    while (prime > m * GIANT_STEP + GIANT_STEP / 2) {
      const next = before === undefined ? curve.double(giant) : curve.add(current, giant, before)
      before = current
      current = next
      m++
      poll()
    }
    const other = small[Math.abs(prime - m * GIANT_STEP)]!
    product = (product * (current.x * other.z - other.x * current.z)) % n
  }
  return gcd(product < 0n ? -product : product, n)
}

/** The odd multiples of a point up to half a giant step, by their number. */
function oddMultiples(curve: Curve, point: Point): Point[] {
  const double = curve.double(point)
  const multiples: Point[] = []
  multiples[1] = point
  multiples[3] = curve.add(double, point, point)
  for (let odd = 5; odd <= GIANT_STEP / 2; odd += 2) {
    multiples[odd] = curve.add(multiples[odd - 2]!, double, multiples[odd - 4]!)
  }
  return multiples
}

/** The arithmetic of one curve; a quarter of its coefficient plus 2 is all it needs. */
class Curve {
  readonly n: bigint
  readonly #quarter: bigint

  constructor(n: bigint, quarter: bigint) {
    this.n = n
    this.#quarter = quarter
  }

  double({ x, z }: Point): Point {
    const sum = ((x + z) * (x + z)) % this.n
    const difference = ((x - z) * (x - z)) % this.n
    const change = sum - difference
    return { x: (sum * difference) % this.n, z: (change * (difference + ((this.#quarter * change) % this.n))) % this.n }
  }

  /** p + q, where p - q is known. */
  add(p: Point, q: Point, difference: Point): Point {
    const left = ((p.x - p.z) * (q.x + q.z)) % this.n
    const right = ((p.x + p.z) * (q.x - q.z)) % this.n
    const sum = left + right
    const gap = left - right
    return { x: (((sum * sum) % this.n) * difference.z) % this.n, z: (((gap * gap) % this.n) * difference.x) % this.n }
  }

  /** The multiple of a point by a factor of at least 1 below 2^31 (Montgomery's ladder). */
  multiply(point: Point, factor: number): Point {
    if (factor === 1) return point
    let low = point
    let high = this.double(point)
    for (let bit = 30 - Math.clz32(factor); bit >= 0; bit--) {
      const sum = this.add(low, high, point)
      if ((factor >>> bit) & 1) {
        low = sum
        high = this.double(high)
      } else {
        low = this.double(low)
        high = sum
      }
    }
    return low
  }
}
