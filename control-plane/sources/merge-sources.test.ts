import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FollowedSource } from '../../test/support/source-listener.ts'
import { mergeSources } from './merge-sources.ts'
import type { ServiceSource } from './service-source.ts'
import type { Endpoint, Source, SourceListener } from './source.ts'

/** A source that tells what a test has it tell. */
class Told implements Source {
  readonly name: string
  tell: SourceListener | undefined

  constructor(name: string) {
    this.name = name
  }

  async follow(listener: SourceListener, signal: AbortSignal): Promise<void> {
    this.tell = listener
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve)
    })
  }

  services(services: Record<string, string[]>): void {
    const entries = Object.entries(services).map(([name, addresses]): [string, Endpoint[]] => [
      name,
      addresses.map((address) => ({ address, port: 1, state: 'ready' })),
    ])
    this.tell?.update(new Map(entries))
  }
}

function merged(): { one: Told; other: Told; followed: FollowedSource } {
  const [one, other] = [new Told('one'), new Told('other')]
  return { one, other, followed: new FollowedSource(mergeSources([one, other])) }
}

const twins = 'one and other both have a; give one another name, as NAME= before it'

test('services of all sources are told together, and not before each source told its own', async () => {
  const { one, other, followed } = merged()
  await using _ = followed
  one.services({ a: ['10.0.0.1'] })
  other.tell?.fault(new Error('other: away'))
  other.services({ b: [] })
  other.tell?.recovered()
  assert.deepEqual(followed.told, [{ fault: 'other: away' }, { update: { a: ['10.0.0.1:1'], b: [] } }, 'recovered'])
})

test('a change of one source leaves the arrays of the others as they were', async () => {
  const { one, other, followed } = merged()
  await using _ = followed
  one.services({ a: ['10.0.0.1'] })
  other.services({ b: [] })
  other.services({ b: ['10.0.0.2'] })
  assert.deepEqual(followed.truth, { a: ['10.0.0.1:1'], b: ['10.0.0.2:1'] })
  assert.equal(followed.updates[1]?.get('a'), followed.updates[0]?.get('a'))
})

test('sources have recovered when all of them have', async () => {
  const { one, other, followed } = merged()
  await using _ = followed
  one.services({})
  other.services({})
  one.tell?.fault(new Error('one: away'))
  other.tell?.fault(new Error('other: away'))
  one.tell?.recovered()
  assert.deepEqual(followed.told.slice(1), [{ fault: 'one: away' }, { fault: 'other: away' }])
  other.tell?.recovered()
  assert.equal(followed.told.at(-1), 'recovered')
})

test('a service that two sources have stays with the one that had it, and is a fault until one of them gives it up', async () => {
  const { one, other, followed } = merged()
  await using _ = followed
  one.services({})
  other.services({ a: ['10.0.0.2'] })
  one.services({ a: ['10.0.0.1'] })
  one.services({ a: ['10.0.0.3'] })
  assert.deepEqual(followed.told.slice(1), [{ fault: twins }])
  assert.deepEqual(followed.truth, { a: ['10.0.0.2:1'] })
  other.services({})
  assert.deepEqual(followed.truth, { a: ['10.0.0.3:1'] })
  assert.equal(followed.told.at(-1), 'recovered')
})

test('a service that two sources have from the start is of the first', async () => {
  const { one, other, followed } = merged()
  await using _ = followed
  other.services({ a: ['10.0.0.2'] })
  one.services({ a: ['10.0.0.1'] })
  assert.deepEqual(followed.told, [{ update: { a: ['10.0.0.1:1'] } }, { fault: twins }])
})

test('two sources that are known to have the same service are refused', () => {
  const source = (name: string): ServiceSource => ({ name, service: 'a', follow: async () => {} })
  assert.throws(() => mergeSources([source('one'), source('other')]), { message: twins })
})

test('one source alone is itself', () => {
  const one = new Told('one')
  assert.equal(mergeSources([one]), one)
})
