import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallError } from '../../chassis/errors.ts'
import { checkBound, factorizeBound, parseNumber } from './parse-number.ts'

test('decimal numbers up to the bound are read exactly', () => {
  for (const text of ['0', '1', '97', '18446744073709551557', String(2n ** 4096n - 1n)]) {
    assert.equal(parseNumber('number', text, checkBound), BigInt(text))
  }
  assert.equal(parseNumber('number', '9'.repeat(80), factorizeBound), 10n ** 80n - 1n)
})

const refused: [string, RegExp][] = [
  ['', /number: is empty/],
  ['-7', /"-7" is not decimal digits/],
  ['+7', /"\+7" is not decimal digits/],
  [' 7', /" 7" is not decimal digits/],
  ['7\n', /"7\\n" is not decimal digits/],
  ['007', /"007" is not decimal digits without sign, spaces or leading zeros/],
  ['00', /leading zeros/],
  ['0x1F', /"0x1F" is not/],
  ['1e9', /"1e9" is not/],
  ['1_000', /"1_000" is not/],
  ['١٢٣', /is not decimal digits/],
  ['7n', /"7n" is not/],
  ['1'.repeat(1_000_000), /"1{24}…" has 1000000 characters; at most 4096 bits \(1234 digits\)/],
  [String(2n ** 4096n), /is above 2\^4096; at most 4096 bits/],
]

for (const [text, message] of refused) {
  test(`${JSON.stringify(text.slice(0, 12))} is refused with the field, the value and the bound`, () => {
    assert.throws(
      () => parseNumber('number', text, checkBound),
      (error) =>
        error instanceof CallError &&
        error.code === 'invalid_argument' &&
        message.test(error.message) &&
        error.message.length < 200,
    )
  })
}

test('a number of 81 digits is too long to be factorized', () => {
  assert.throws(() => parseNumber('number', '1'.repeat(81), factorizeBound), /81 characters; at most 80 digits/)
})
