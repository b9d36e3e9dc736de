import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { factorize } from '../../service/primes/number-theory/factorize.ts'
import { checkPrime } from '../../service/primes/number-theory/is-prime.ts'
import { primesInSegment } from '../../service/primes/number-theory/list-primes.ts'
import { createRandomNumbers } from '../../service/primes/number-theory/random-numbers.ts'
import { neverStop } from '../../service/primes/number-theory/stop.ts'

const seed = 90

/** Why a test of a missing tool is skipped, or false; where CI is set nothing is skipped, so that the test fails instead. */
function skipWithout(tool: string, versionArgument: string): string | false {
  const found = spawnSync(tool, [versionArgument], { timeout: 10_000 }).status === 0
  return found || process.env['CI'] ? false : `${tool} is not installed; with CI set this is a failure`
}

const withoutFactor = skipWithout('factor', '--version')
const withoutOpenssl = skipWithout('openssl', 'version')

/** What GNU factor prints for each number: `n: p p q`. */
function factorLines(numbers: readonly bigint[]): string[] {
  const { status, stdout, error } = spawnSync('factor', [], { input: numbers.join('\n'), timeout: 60_000 })
  assert.equal(status, 0, `GNU factor (coreutils) must be installed: ${error?.message}`)
  return stdout.toString().trim().split('\n')
}

function factorLine(n: bigint): string {
  const factors = factorize(n, neverStop).flatMap(({ prime, exponent }) => Array<bigint>(exponent).fill(prime))
  return [`${n}:`, ...factors].join(' ')
}

function opensslCallsPrime(numbers: readonly bigint[]): boolean[] {
  const { status, stdout, error } = spawnSync('openssl', ['prime', ...numbers.map(String)], { timeout: 60_000 })
  assert.equal(status, 0, `openssl must be installed: ${error?.message}`)
  const lines = stdout.toString().trim().split('\n')
  assert.equal(lines.length, numbers.length)
  return lines.map((line) => !line.includes('is not prime'))
}

test('factors agree with GNU factor on 4000 random numbers of 1 to 80 bits', { skip: withoutFactor }, () => {
  const random = createRandomNumbers(seed)
  const numbers = Array.from({ length: 4000 }, (_, round) => random.ofBits(1 + (round % 80)))
  assert.deepEqual(numbers.map(factorLine), factorLines(numbers), `seed ${seed}`)
})

test('factors agree with GNU factor on 500 products of two numbers of 20 to 44 bits', { skip: withoutFactor }, () => {
  const random = createRandomNumbers(seed + 1)
  const numbers = Array.from({ length: 500 }, (_, round) => {
    const bits = 20 + (round % 25)
    return (random.ofBits(bits) | 1n) * (random.ofBits(bits) | 1n)
  })
  assert.deepEqual(numbers.map(factorLine), factorLines(numbers), `seed ${seed + 1}`)
})

test('the primes of segments are those that GNU factor finds', { skip: withoutFactor }, () => {
  const random = createRandomNumbers(seed + 2)
  for (const bits of [20, 32, 40, 48, 52, 56, 63]) {
    const from = random.ofBits(bits)
    const numbers = Array.from({ length: 1000 }, (_, index) => from + BigInt(index))
    const expected = factorLines(numbers)
      .filter((line) => /^(\d+): \1$/.test(line))
      .map((line) => line.split(':')[0])
    assert.deepEqual(Array.from(primesInSegment(from, from + 999n, neverStop), String), expected, `seed ${seed + 2}`)
  }
})

test('primality agrees with openssl prime on 3000 random odd numbers of 3 to 200 bits', {
  skip: withoutOpenssl,
}, () => {
  const random = createRandomNumbers(seed + 3)
  const numbers = Array.from({ length: 3000 }, (_, round) => random.ofBits(3 + (round % 198)) | 1n)
  const ours = numbers.map((n) => checkPrime(n).prime)
  assert.deepEqual(ours, opensslCallsPrime(numbers), `seed ${seed + 3}`)
})

test('primality agrees with openssl prime on 1000 primes of 16 to 64 bits', { skip: withoutOpenssl }, () => {
  const random = createRandomNumbers(seed + 4)
  const primes: bigint[] = []
  while (primes.length < 1000) {
    const n = random.ofBits(16 + (primes.length % 49)) | 1n
    if (checkPrime(n).prime) primes.push(n)
  }
  assert.ok(opensslCallsPrime(primes).every(Boolean), `seed ${seed + 4}`)
})
