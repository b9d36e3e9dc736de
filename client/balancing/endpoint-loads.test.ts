import assert from 'node:assert/strict'
import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { EndpointLoad } from './endpoint-load.ts'
import { type CallEnding, EndpointLoads, type Selection } from './endpoint-loads.ts'

/** Endpoints by name, with a clock that stands and numbers in place of chance (0.5 when there are no more). */
function endpoints(names: string, chance: number[] = []) {
  const clock = { nowMs: 0 }
  const loads = new EndpointLoads({ random: () => chance.shift() ?? 0.5, nowMs: () => clock.nowMs })
  const members = names.split('').map((name) => ({ name, load: loads.of(name) })) as [Member, ...Member[]]
  const pick = (selection: Selection = 'full_scan') => loads.pick(members, selection)
  const begin = (load: EndpointLoad) => {
    const claim = loads.claim(load)
    loads.begin(claim)
    return claim
  }
  const call = (load: EndpointLoad, ending: CallEnding, tookMs = 0) => {
    const claim = begin(load)
    clock.nowMs += tookMs
    loads.end(claim, ending)
  }
  return { clock, loads, members, pick, begin, call }
}

interface Member {
  name: string
  load: EndpointLoad
}

const named = (count: number, pick: () => Member): string => Array.from({ length: count }, () => pick().name).join('')

test('full scan takes the endpoint with the fewest calls open', () => {
  const { members, begin, pick } = endpoints('abc')
  begin(members[0].load)
  begin(members[1]?.load as EndpointLoad)
  assert.equal(named(3, pick), 'ccc')
})

test('equal endpoints take turns, beginning with a random one', () => {
  assert.equal(named(6, endpoints('abc', [0.1, 0.9, 0.5]).pick), 'bcabca')
  assert.equal(named(6, endpoints('abc', [0.9, 0.1, 0.5]).pick), 'acbacb')
})

test('turns go on where they were when an endpoint is left out for a while', () => {
  const { loads, members, pick } = endpoints('abc', [0.9, 0.5, 0.1])
  assert.equal(named(2, pick), 'ab')
  const [a, b] = members
  assert.equal(
    named(2, () => loads.pick([a, b as Member], 'full_scan')),
    'ab',
  )
  assert.equal(named(3, pick), 'cab')
})

test('two choices compares two different endpoints', () => {
  // The first three numbers are for the first turns; then the first and the second choice of each pick.
  const { members, begin, pick } = endpoints('abc', [0, 0, 0, 0, 0, 0, 0.99, 0.99, 0.99])
  begin(members[1]?.load as EndpointLoad)
  assert.equal(pick('two_choices').name, 'a') // a and b
  begin(members[0].load)
  assert.equal(pick('two_choices').name, 'c') // a and c
  begin(members[2]?.load as EndpointLoad)
  begin(members[2]?.load as EndpointLoad)
  assert.equal(pick('two_choices').name, 'b') // c and b
})

test('two choices of one endpoint is that one', () => {
  assert.equal(endpoints('a').pick('two_choices').name, 'a')
})

test('a pick counts before its call begins, and no longer when it does not begin in this turn of the loop', async () => {
  const { loads, members, clock } = endpoints('a')
  const [{ load }] = members
  const claim = loads.claim(load)
  const other = loads.claim(load)
  loads.begin(other)
  assert.equal(load.count(clock.nowMs), 2)
  await turnOfLoop()
  assert.equal(load.count(clock.nowMs), 1)
  // The credentials of the call took a while.
  loads.begin(claim)
  assert.equal(load.count(clock.nowMs), 2)
  for (const each of [claim, other]) loads.end(each, { code: status.OK })
  assert.equal(load.count(clock.nowMs), 0)
})

test('a failure counts as one call for a second, or for as long as the endpoint asked for', () => {
  for (const { pushbackMs, countsMs } of [{ countsMs: 1000 }, { pushbackMs: 200, countsMs: 200 }]) {
    const { members, call, clock } = endpoints('a')
    call(members[0].load, { code: status.RESOURCE_EXHAUSTED, pushbackMs })
    clock.nowMs = countsMs
    assert.equal(members[0].load.count(clock.nowMs), 1)
    clock.nowMs += 1
    assert.equal(members[0].load.count(clock.nowMs), 0)
  }
})

test('many failures fade by half in that time', () => {
  const { members, call, clock } = endpoints('a')
  for (let failures = 0; failures < 100; failures += 1) call(members[0].load, { code: status.UNAVAILABLE })
  clock.nowMs = 1000
  assert.equal(members[0].load.count(clock.nowMs), 50)
})

test('a failure counts no less time than answers take, and 30 s at most', () => {
  const { members, call, clock } = endpoints('a')
  const [{ load }] = members
  call(load, { code: status.OK }, 5000)
  call(load, { code: status.UNAVAILABLE, pushbackMs: 1 })
  assert.equal(load.count(clock.nowMs + 5000), 1)
  assert.equal(load.count(clock.nowMs + 5001), 0)
  call(load, { code: status.UNAVAILABLE, pushbackMs: 86_400_000 })
  assert.equal(load.count(clock.nowMs + 30_001), 0)
})

test('what a caller did wrong or gave up counts for nothing', () => {
  const { members, call, clock } = endpoints('a')
  for (const code of [status.OK, status.INVALID_ARGUMENT, status.CANCELLED, status.NOT_FOUND]) {
    call(members[0].load, { code })
  }
  assert.equal(members[0].load.count(clock.nowMs), 0)
})

test('endpoints that are gone are remembered while they have calls open', () => {
  const { loads, members, begin } = endpoints('abc')
  const claim = begin(members[1]?.load as EndpointLoad)
  loads.forgetAllBut(new Set(['a']))
  assert.equal(loads.of('a'), members[0].load)
  assert.equal(loads.of('b'), members[1]?.load)
  assert.notEqual(loads.of('c'), members[2]?.load)
  loads.end(claim, { code: status.OK })
  loads.forgetAllBut(new Set(['a']))
  assert.notEqual(loads.of('b'), members[1]?.load)
})
