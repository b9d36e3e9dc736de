/** The greatest common divisor of two non-negative numbers. */
export function gcd(a: bigint, b: bigint): bigint {
  let x = a
  let y = b
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** The number below `modulus` whose product with `value` is 1 modulo it, or 0n where there is none. */
export function inverseModulo(value: bigint, modulus: bigint): bigint {
  let rest = modulus
  let next = ((value % modulus) + modulus) % modulus
  let coefficient = 0n
  let nextCoefficient = 1n
  while (next !== 0n) {
    const quotient = rest / next
    ;[rest, next] = [next, rest - quotient * next]
    ;[coefficient, nextCoefficient] = [nextCoefficient, coefficient - quotient * nextCoefficient]
  }
  if (rest !== 1n) return 0n
  return coefficient < 0n ? coefficient + modulus : coefficient
}

/** The inverse of `value` modulo a prime below 2^26 that does not divide it. */
export function inverseModuloPrime(value: number, prime: number): number {
  let rest = prime
  let next = value % prime
  let coefficient = 0
  let nextCoefficient = 1
  while (next !== 0) {
    const quotient = Math.floor(rest / next)
    const remainder = rest - quotient * next
    rest = next
    next = remainder
    const difference = coefficient - quotient * nextCoefficient
    coefficient = nextCoefficient
    nextCoefficient = difference
  }
  return coefficient < 0 ? coefficient + prime : coefficient
}

/** base^exponent modulo a number below 2^26. */
export function powerModulo(base: number, exponent: number, modulus: number): number {
  let result = 1
  let square = base % modulus
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** Whether `value`, not divisible by the odd prime below 2^26, is a square modulo it (Euler's criterion). */
export function isSquareModuloPrime(value: number, prime: number): boolean {
  return powerModulo(value, (prime - 1) / 2, prime) === 1
}

/** A root of a square modulo an odd prime below 2^26 (Tonelli and Shanks; H. Cohen, A Course..., 1.5.1). */
export function rootModuloPrime(square: number, prime: number): number {
  if (square === 0) return 0
  let odd = prime - 1
  let twos = 0
  for (; odd % 2 === 0; odd /= 2) twos++
  let nonSquare = 2
  while (isSquareModuloPrime(nonSquare, prime)) nonSquare++
  let generator = powerModulo(nonSquare, odd, prime)
  let root = powerModulo(square, (odd + 1) / 2, prime)
  let error = powerModulo(square, odd, prime)
  while (error !== 1) {
    let order = 0
    for (let power = error; power !== 1; power = (power * power) % prime) order++
    const factor = powerModulo(generator, 2 ** (twos - order - 1), prime)
    root = (root * factor) % prime
    generator = (factor * factor) % prime
    error = (error * generator) % prime
    twos = order
  }
  return root
}

/** The largest whole number whose `degree`-th power (degree >= 1) is at most `value` >= 0, by Newton's iteration. */
export function integerRoot(value: bigint, degree: number): bigint {
  if (value < 2n) return value
  const k = BigInt(degree)
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / degree))
  for (;;) {
    const next = ((k - 1n) * root + value / root ** (k - 1n)) / k
    if (next >= root) return root
    root = next
  }
}
