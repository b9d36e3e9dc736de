import assert from 'node:assert/strict'
import { checkPrimeSync } from 'node:crypto'
import { test } from 'node:test'
import { checkPrime, quickCheckPrime } from './is-prime.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { primesBelow } from './small-primes.ts'

/** A Carmichael number of 397 digits that passes the strong test to every prime base below 307 (F. Arnault, 1995). */
const ARNAULT_P = BigInt(
  '29674495668685510550154174642905332730771991799853043350995075531276838753171770199594238596428121188033664754218345562493168782883',
)
const ARNAULT = ARNAULT_P * (313n * (ARNAULT_P - 1n) + 1n) * (353n * (ARNAULT_P - 1n) + 1n)

/** The least strong pseudoprimes to the first k prime bases for k = 1 to 13, each once (OEIS A014233). */
const PSI = [
  2047n,
  1373653n,
  25326001n,
  3215031751n,
  2152302898747n,
  3474749660383n,
  341550071728321n,
  3825123056546413051n,
  318665857834031151167461n,
  3317044064679887385961981n,
]

test('every number below 200 000 is called prime exactly when the sieve of Eratosthenes leaves it', () => {
  const primes = new Set(primesBelow(200_000))
  for (let n = 0; n < 200_000; n++) assert.equal(checkPrime(BigInt(n)).prime, primes.has(n), `${n}`)
})

test('0 and 1 are not prime, 2 is, and all that is proven', () => {
  assert.deepEqual(checkPrime(0n), { prime: false, certainty: 'proven' })
  assert.deepEqual(checkPrime(1n), { prime: false, certainty: 'proven' })
  assert.deepEqual(checkPrime(2n), { prime: true, certainty: 'proven' })
})

test('a negative number is refused by name', () => {
  assert.throws(() => checkPrime(-7n), { name: 'RangeError', message: '-7 must not be negative' })
})

test('squares of primes are composite', () => {
  const roots = [...primesBelow(5000)].map(BigInt).concat(4294967291n, 2147483647n, 18446744073709551557n)
  for (const root of roots) assert.deepEqual([root, checkPrime(root * root).prime], [root, false])
})

test('Carmichael numbers are composite', () => {
  const factors = [
    [3n, 11n, 17n],
    [5n, 13n, 17n],
    [7n, 13n, 19n],
    [211n, 421n, 631n],
    [1201n, 2401n, 3601n],
    [1001251n, 2002501n, 3003751n],
    [6n * 7630n + 1n, 12n * 7630n + 1n, 18n * 7630n + 1n],
  ]
  for (const three of factors) {
    const n = three.reduce((product, factor) => product * factor)
    assert.deepEqual([n, checkPrime(n).prime], [n, false])
  }
})

test('strong pseudoprimes to many bases are composite', () => {
  for (const n of [...PSI, ARNAULT]) assert.deepEqual([n, checkPrime(n).prime], [n, false])
})

test('strong, Lucas and extra strong Lucas pseudoprimes are composite', () => {
  const strongToBase2 = [2047n, 3277n, 4033n, 4681n, 8321n, 15841n, 29341n, 42799n, 49141n, 52633n, 65281n, 74665n]
  const lucas = [323n, 377n, 1159n, 1829n, 3827n, 5459n, 5777n, 9071n, 9179n, 10877n, 11419n, 11663n, 13919n]
  const extraStrong = [989n, 3239n, 5777n, 10877n, 27971n, 29681n, 30739n, 31631n, 39059n, 72389n, 73919n, 75077n]
  for (const n of [...strongToBase2, ...lucas, ...extraStrong]) assert.deepEqual([n, checkPrime(n).prime], [n, false])
})

test('2^61 - 1 is prime and its odd neighbours are not', () => {
  const n = 2n ** 61n - 1n
  assert.deepEqual(checkPrime(n), { prime: true, certainty: 'proven' })
  for (const neighbour of [n - 4n, n - 2n, n - 1n, n + 1n, n + 2n, n + 4n]) assert.ok(!checkPrime(neighbour).prime)
})

test('the primes on both sides of 2^64 are found, proven below it and probable above', () => {
  const start = 2n ** 64n - 100n
  const numbers = Array.from({ length: 200 }, (_, index) => start + BigInt(index))
  const primes = numbers.filter((n) => checkPrime(n).prime)
  const offsets = primes.map((prime) => Number(prime - 2n ** 64n))
  assert.deepEqual(offsets, [-95, -83, -59, 13, 37, 51, 81, 93])
  assert.equal(checkPrime(2n ** 64n - 59n).certainty, 'proven')
  assert.equal(checkPrime(2n ** 64n + 13n).certainty, 'probable')
  assert.deepEqual(checkPrime(2n ** 64n), { prime: false, certainty: 'proven', divisor: 2n })
})

test('a divisor divides and is neither 1 nor the number', () => {
  assert.equal(checkPrime(25n).divisor, 5n)
  assert.equal(checkPrime(3n * 2n ** 100n + 3n).divisor, 3n)
  assert.equal(checkPrime(71n ** 60n).divisor, 71n)
  assert.ok(!('divisor' in checkPrime(5n)))
  assert.ok(!('divisor' in checkPrime(4294967291n ** 2n)))
})

test('large primes are probable and large composites proven', () => {
  for (const exponent of [89n, 127n, 521n, 607n]) {
    assert.deepEqual(checkPrime(2n ** exponent - 1n), { prime: true, certainty: 'probable' })
  }
  assert.deepEqual(checkPrime(2n ** 523n - 1n), { prime: false, certainty: 'proven' })
  assert.equal(checkPrime(2n ** 4096n - 1n).prime, false)
})

test('our test agrees with OpenSSL on random odd numbers of 16 to 64 bits', () => {
  const seed = 20
  const random = createRandomNumbers(seed)
  for (let round = 0; round < 20_000; round++) {
    const n = random.ofBits(16 + (round % 49)) | 1n
    assert.equal(checkPrime(n).prime, checkPrimeSync(n), `${n}, seed ${seed}`)
  }
})

test('the quick check agrees with the full one wherever it answers', () => {
  const seed = 21
  const random = createRandomNumbers(seed)
  const numbers = Array.from({ length: 3000 }, (_, round) => random.ofBits(2 + (round % 100)))
  const answered = numbers.filter((n) => quickCheckPrime(n) !== undefined)
  for (const n of answered) assert.equal(quickCheckPrime(n)?.prime, checkPrime(n).prime, `${n}, seed ${seed}`)
  assert.ok(answered.length > 2000, `${answered.length} answered`)
})

test('the quick check leaves a large number without a small divisor to the full one', () => {
  assert.equal(quickCheckPrime(2n ** 127n - 1n), undefined)
  assert.equal(quickCheckPrime(1009n ** 400n), undefined)
  assert.deepEqual(quickCheckPrime(2n ** 4096n - 1n), { prime: false, certainty: 'proven', divisor: 3n })
})
