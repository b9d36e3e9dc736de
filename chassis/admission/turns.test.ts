import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

const { signal: one } = new AbortController()
const { signal: another } = new AbortController()

test('a call has at most the limit under way, and its others follow in order as each ends, however it ends', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const all = gates.map(({ promise }, index) =>
    turns.take(one, () => {
      begun.push(index)
      return promise
    }),
  )
  assert.deepEqual(begun, [0, 1])
  assert.equal(await turns.take(another, async () => 'passes'), 'passes')
  gates[1]?.reject(new Error('six is not a colour'))
  await assert.rejects(all[1] as Promise<void>, /not a colour/)
  assert.deepEqual(begun, [0, 1, 2])
  for (const { resolve } of gates) resolve()
  await Promise.all(all.filter((_, index) => index !== 1))
  assert.deepEqual(begun, [0, 1, 2, 3, 4])
})

test('a turn that was given back is free again', async () => {
  const turns = new Turns(1)
  for (const value of [1, 2]) assert.equal(await turns.take(one, async () => value), value)
})
