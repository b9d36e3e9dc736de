import assert from 'node:assert/strict'
import { test } from 'node:test'
import { perfectPower } from './perfect-power.ts'

test('powers are found with their least exponent, and their neighbours are none', () => {
  for (const root of [2003n, 65537n, 2n ** 61n - 1n]) {
    for (let exponent = 2; exponent <= 23; exponent++) {
      const power = perfectPower(root ** BigInt(exponent), 2000)
      assert.ok(power !== undefined && exponent % power.exponent === 0, `${root}^${exponent}`)
      assert.equal(power.root ** BigInt(power.exponent), root ** BigInt(exponent))
      assert.equal(perfectPower(root ** BigInt(exponent) + 2n, 2000), undefined)
    }
  }
})
