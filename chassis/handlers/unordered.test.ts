import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unordered } from './unordered.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let value = 1; value <= count; value += 1) yield value
}

test('every input is answered once, whatever the limit', async () => {
  for (const limit of [1, 2, 3, 64]) {
    const outputs = await Array.fromAsync(unordered(numbers(100), limit, async (value) => value * 2))
    assert.deepEqual(
      outputs.toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, index) => (index + 1) * 2),
    )
  }
})

test('an answer overtakes one that was asked before it', async () => {
  const gate = Promise.withResolvers<void>()
  const answers = unordered(numbers(2), 2, async (value) => {
    if (value === 1) await gate.promise
    return value
  })
  assert.equal((await answers.next()).value, 2)
  gate.resolve()
  assert.equal((await answers.next()).value, 1)
  assert.equal((await answers.next()).done, true)
})

test('no more than the limit is read ahead of the reader', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<number> {
    for (;;) yield ++read
  }
  const answers = unordered(endless(), 5, async (value) => value)
  await answers.next()
  // The reader holds one answer, so five are read at most: four waiting and the one in its hands.
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(read, 5)
  await answers.return(undefined)
})

test('the first error of a decision or of the inputs ends the answers', async () => {
  const decisions = unordered(numbers(3), 2, async () => Promise.reject(new Error('undecided')))
  await assert.rejects(decisions.next(), /undecided/)
  async function* broken(): AsyncGenerator<number> {
    yield 1
    throw new Error('input broke')
  }
  const inputs = unordered(broken(), 2, async (value) => value)
  await inputs.next()
  await assert.rejects(inputs.next(), /input broke/)
})
