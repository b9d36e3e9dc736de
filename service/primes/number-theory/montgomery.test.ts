import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Montgomery } from './montgomery.ts'
import { createRandomNumbers } from './random-numbers.ts'

test('residues multiply, add, subtract and compare as the numbers they stand for, for moduli of 2 to 64 bits', () => {
  const seed = 64
  const random = createRandomNumbers(seed)
  for (let round = 0; round < 20_000; round++) {
    const n = random.ofBits(2 + (round % 63)) | 1n
    const field = new Montgomery(n)
    const x = random.below(n)
    const y = random.below(n)
    const product = field.enter(x)
    field.multiply(product, product, field.enter(y))
    assert.equal(field.leave(product), (x * y) % n, `${x} * ${y} modulo ${n}, seed ${seed}`)
    const difference = field.enter(0n)
    field.subtract(difference, product, field.enter(x))
    assert.equal(field.leave(difference), (x * y - x + n * n) % n, `${x} * ${y} - ${x} modulo ${n}, seed ${seed}`)
    const sum = field.enter(y)
    field.add(sum, product, sum)
    assert.equal(field.leave(sum), (x * y + y) % n, `${x} * ${y} + ${y} modulo ${n}, seed ${seed}`)
    assert.ok(field.equal(product, field.enter((x * y) % n)), `${x} * ${y} equals itself modulo ${n}, seed ${seed}`)
  }
})

test('a chain of products at the largest modulus stays exact', () => {
  const n = 2n ** 64n - 1n
  const field = new Montgomery(n)
  const power = field.enter(n - 2n)
  let expected = n - 2n
  for (let step = 0; step < 1000; step++) {
    field.multiply(power, power, power)
    field.subtract(power, power, field.one)
    expected = (expected * expected - 1n + n) % n
    assert.equal(field.leave(power), expected)
  }
})

test('0 and the modulus itself both count as zero', () => {
  const field = new Montgomery(101n)
  const difference = field.enter(7n)
  field.subtract(difference, field.enter(7n), difference)
  assert.ok(field.isZero(difference))
  assert.ok(field.isZero(Float64Array.of(101, 0, 0)))
  assert.ok(!field.isZero(field.one))
})
