import { Montgomery, type Residue } from './montgomery.ts'

/**
 * Whether an odd n, 5 <= n < 2^64, is prime: proven. A strong test to base 2, then an extra strong Lucas
 * test. J. Feitsma listed all base 2 pseudoprimes below 2^64 (www.cecm.sfu.ca/Pseudoprimes) and none of them passes the
 * Lucas test too (D. Jacobsen, ntheory.org/pseudoprimes.html). It costs a third of the seven bases by Sinclair.
 */
export function passesBailliePsw(n: bigint): boolean {
  const field = new Montgomery(n)
  return passesStrongTestToBase2(field) && passesExtraStrongLucasTest(field)
}

/** n - 1 = d * 2^s: passes where 2^d is 1, or 2^(d * 2^r) is -1 for some r < s. */
function passesStrongTestToBase2(field: Montgomery): boolean {
  const { n, one } = field
  const twos = trailingZeros(n - 1n)
  const exponent = ((n - 1n) >> BigInt(twos)).toString(2)
  const power = new Float64Array(3)
  field.add(power, one, one)
  for (let i = 1; i < exponent.length; i++) {
    field.multiply(power, power, power)
    if (exponent[i] === '1') field.add(power, power, power)
  }
  if (field.equal(power, one)) return true
  const minusOne = new Float64Array(3)
  field.subtract(minusOne, minusOne, one)
  for (let r = 0; r < twos; r++) {
    if (field.equal(power, minusOne)) return true
    field.multiply(power, power, power)
  }
  return false
}

/**
 * Grantham's test with Q = 1 and the first P from 3 on for which P^2 - 4 is a non-residue (Frobenius Pseudoprimes, 2001).
 * n + 1 = d * 2^s: passes where U_d is 0 and V_d is 2 or -2, or V_(d * 2^r) is 0 for some r < s - 1.
 */
function passesExtraStrongLucasTest(field: Montgomery): boolean {
  const { n } = field
  const p = lucasParameter(n)
  if (p === 0) return false
  const twos = trailingZeros(n + 1n)
  const two = new Float64Array(3)
  field.add(two, field.one, field.one)
  const minusTwo = new Float64Array(3)
  field.subtract(minusTwo, minusTwo, two)
  const base = field.enter(BigInt(p))
  const [v, next] = lucasPair(field, { base, two, index: (n + 1n) >> BigInt(twos) })
  if (field.equal(v, two) || field.equal(v, minusTwo)) {
    // (P^2 - 4) U_d = 2 V_(d+1) - P V_d
    const left = new Float64Array(3)
    const right = new Float64Array(3)
    field.multiply(left, two, next)
    field.multiply(right, base, v)
    if (field.equal(left, right)) return true
  }
  for (let r = 0; r < twos - 1; r++) {
    if (field.isZero(v)) return true
    field.multiply(v, v, v)
    field.subtract(v, v, two)
  }
  return false
}

/** V_index and V_(index + 1) of the Lucas sequence with P = base, Q = 1. */
function lucasPair(field: Montgomery, of: { base: Residue; two: Residue; index: bigint }): [Residue, Residue] {
  const { base, two } = of
  let v = base.slice()
  let next = base.slice()
  field.multiply(next, base, base)
  field.subtract(next, next, two)
  const bits = of.index.toString(2)
  for (let i = 1; i < bits.length; i++) {
    const low = bits[i] === '1' ? next : v
    const high = bits[i] === '1' ? v : next
    // From (V_k, V_(k+1)): one of them is doubled, the other becomes V_(2k+1).
    field.multiply(high, high, low)
    field.subtract(high, high, base)
    field.multiply(low, low, low)
    field.subtract(low, low, two)
  }
  return [v, next]
}

/**
 * The least P from 3 on with Jacobi(P^2 - 4, n) = -1, or 0 where a divisor of n is met first. No such P exists for a square,
 * but 1093^2 and 3511^2 are the only ones below 2^64 that pass the test to base 2, and their divisors are met soon.
 */
function lucasParameter(n: bigint): number {
  for (let p = 3; ; p++) {
    const symbol = jacobi(BigInt(p * p - 4), n)
    if (symbol === -1) return p
    if (symbol === 0 && BigInt(p * p - 4) % n !== 0n) return 0
  }
}

/** The Jacobi symbol (a / n) for odd n > 0 and a >= 0 (H. Cohen, A Course in Computational Algebraic Number Theory, 1.4.2). */
export function jacobi(a: bigint, n: bigint): -1 | 0 | 1 {
  let top = a % n
  let bottom = n
  let negative = false
  while (top !== 0n) {
    const twos = trailingZeros(top)
    top >>= BigInt(twos)
    const bottomModulo8 = Number(bottom & 7n)
    if (twos % 2 === 1 && (bottomModulo8 === 3 || bottomModulo8 === 5)) negative = !negative
    if (bottomModulo8 % 4 === 3 && (top & 3n) === 3n) negative = !negative
    const rest = bottom % top
    bottom = top
    top = rest
  }
  if (bottom !== 1n) return 0
  return negative ? -1 : 1
}

function trailingZeros(value: bigint): number {
  let zeros = 0
  for (let rest = value; (rest & 1n) === 0n; rest >>= 1n) zeros++
  return zeros
}
