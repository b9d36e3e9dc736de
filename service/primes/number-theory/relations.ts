import { Dependencies } from './dependencies.ts'
import type { FactorBase } from './factor-base.ts'
import { gcd, inverseModulo } from './modular.ts'

/** x^2 = the product of the factors, times the large prime, modulo the number. */
export interface Relation {
  readonly x: bigint
  /** One entry for each prime factor, repeated as often as it divides: 0 is the sign, k + 1 is prime k of the base. */
  readonly factors: readonly number[]
  /** The one factor beyond the base, or 1. */
  readonly largePrime: number
}

/** Partial relations kept while they wait for another with the same large prime: at most some 40 MB. */
const MAX_PARTIALS = 100_000

/** Gathers relations until some of them combine to x^2 = y^2 and that splits the number. */
export class Relations {
  readonly #n: bigint
  readonly #base: FactorBase
  readonly #dependencies: Dependencies
  readonly #kept: Relation[] = []
  readonly #partials = new Map<number, Relation>()

  constructor(n: bigint, base: FactorBase) {
    this.#n = n
    this.#base = base
    this.#dependencies = new Dependencies(base.primes.length + 1)
  }

  /** Takes one relation in; a divisor of the number other than 1 and itself once one is found. */
  add(relation: Relation): bigint | undefined {
    if (relation.largePrime === 1) return this.#addFull(relation)
    const partner = this.#partials.get(relation.largePrime)
    if (partner === undefined) {
      if (this.#partials.size < MAX_PARTIALS) this.#partials.set(relation.largePrime, relation)
      return undefined
    }
    if (partner.x === relation.x) return undefined
    const inverse = inverseModulo(BigInt(relation.largePrime), this.#n)
    if (inverse === 0n) return gcd(BigInt(relation.largePrime), this.#n)
    return this.#addFull({
      x: (((partner.x * relation.x) % this.#n) * inverse) % this.#n,
      factors: [...partner.factors, ...relation.factors],
      largePrime: 1,
    })
  }

  #addFull(relation: Relation): bigint | undefined {
    const dependent = this.#dependencies.add(relation.factors)
    if (dependent !== undefined) return this.#split([relation, ...dependent.map((number) => this.#kept[number]!)])
    this.#kept.push(relation)
    return undefined
  }

  /** The product of these relations is a square on both sides: each second time it splits n. */
  #split(relations: readonly Relation[]): bigint | undefined {
    const exponents = new Uint32Array(this.#base.primes.length + 1)
    let x = 1n
    for (const relation of relations) {
      x = (x * relation.x) % this.#n
      for (const factor of relation.factors) exponents[factor]!++
    }
    let y = 1n
    for (let factor = 1; factor < exponents.length; factor++) {
      const half = exponents[factor]! / 2
      if (half > 0) y = (y * BigInt(this.#base.primes[factor - 1]!) ** BigInt(half)) % this.#n
    }
    const divisor = gcd(x >= y ? x - y : x - y + this.#n, this.#n)
    return divisor === 1n || divisor === this.#n ? undefined : divisor
  }
}
