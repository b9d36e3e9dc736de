import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbersGiven } from './numbers-given.ts'

const read = (numbers: string[], ...chunks: string[]): Promise<string[]> =>
  Array.fromAsync(
    numbersGiven(numbers, {
      stdin: (async function* () {
        yield* chunks
      })(),
    }),
  )

test('numbers of standard input stand where - stands', async () => {
  assert.deepEqual(await read(['1', '-', '4'], '2 3\n'), ['1', '2', '3', '4'])
})

test('a number that arrives in two pieces is one', async () => {
  assert.deepEqual(await read(['-'], '12', '34 5', '6'), ['1234', '56'])
})

test('white space of any kind and amount separates', async () => {
  assert.deepEqual(await read(['-'], '\n\t 7 \r\n\r\n8 \n'), ['7', '8'])
})

test('standard input is not touched without -', async () => {
  const stdin: AsyncIterable<string> = { [Symbol.asyncIterator]: () => assert.fail('was read') }
  assert.deepEqual(await Array.fromAsync(numbersGiven(['1'], { stdin })), ['1'])
})
