import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint, Services } from './source.ts'
import { Teller } from './teller.ts'

const at = (address: string): Endpoint => ({ address, port: 50051, state: 'ready' })

function tell(): { teller: Teller; updates: Services[]; told: string[] } {
  const updates: Services[] = []
  const told: string[] = []
  const teller = new Teller({
    update: (services) => updates.push(services),
    fault: (problem) => told.push(problem.message),
    recovered: () => told.push('recovered'),
  })
  return { teller, updates, told }
}

test('what did not change is not told again', () => {
  const { teller, updates } = tell()
  teller.update(new Map([['a', [at('10.0.0.1')]]]))
  teller.update(new Map([['a', [at('10.0.0.1')]]]))
  assert.equal(updates.length, 1)
})

test('that there is no service at all is told the first time', () => {
  const { teller, updates } = tell()
  teller.update(new Map())
  teller.update(new Map())
  assert.deepEqual(updates, [new Map()])
})

test('the array of a service that did not change is the same object', () => {
  const { teller, updates } = tell()
  teller.update(
    new Map([
      ['a', [at('10.0.0.1')]],
      ['b', [at('10.0.0.2')]],
    ]),
  )
  teller.update(
    new Map([
      ['a', [at('10.0.0.1')]],
      ['b', []],
    ]),
  )
  assert.equal(updates[1]?.get('a'), updates[0]?.get('a'))
  assert.deepEqual(updates[1]?.get('b'), [])
})

test('a service that went away is told', () => {
  const { teller, updates } = tell()
  teller.update(
    new Map([
      ['a', []],
      ['b', []],
    ]),
  )
  teller.update(new Map([['a', []]]))
  assert.deepEqual([...(updates[1]?.keys() ?? [])], ['a'])
})

test('each fault is told, and the end of them once', () => {
  const { teller, told } = tell()
  teller.recovered()
  teller.fault(new Error('one'))
  teller.fault(new Error('two'))
  teller.recovered()
  teller.recovered()
  assert.deepEqual(told, ['one', 'two', 'recovered'])
})
