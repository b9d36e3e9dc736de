import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from './lines.ts'

async function read(pieces: string[], maxLength?: number): Promise<string[][]> {
  const batches: string[][] = []
  for await (const lines of linesOf(streamOf(pieces), maxLength)) batches.push(lines)
  return batches
}

async function* streamOf(pieces: string[]): AsyncGenerator<string> {
  yield* pieces
}

test('the lines that a piece ends come together', async () => {
  assert.deepEqual(await read(['a\nb\n', 'c\n']), [['a', 'b'], ['c']])
})

test('a line may come in pieces, wherever they are cut', async () => {
  assert.deepEqual(await read(['a', 'b', 'c\nd', 'e\n', 'f', '\n']), [['abc'], ['de'], ['f']])
})

test('empty lines are none', async () => {
  assert.deepEqual(await read(['\n\r\na\n\n']), [['a']])
})

test('a line without an end is refused', async () => {
  await assert.rejects(read(['a\nb']), /the last line has no end/)
})

test('a line that grows beyond the bound is refused before it ends', async () => {
  await assert.rejects(read(['aaa', 'aaa'], 5), /a line is longer than 5 characters/)
  assert.deepEqual(await read(['aaaaa\naaaaa\n'], 5), [['aaaaa', 'aaaaa']])
})
