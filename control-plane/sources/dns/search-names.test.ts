import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchNames } from './search-names.ts'

const pod = `nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
`

test('in a pod a short name is searched in its namespace first', () => {
  assert.deepEqual(searchNames('evenkeel', pod), [
    'evenkeel.shop.svc.cluster.local',
    'evenkeel.svc.cluster.local',
    'evenkeel.cluster.local',
    'evenkeel',
  ])
})

test('a name with a dot at its end is searched nowhere', () => {
  assert.deepEqual(searchNames('evenkeel.shop.svc.cluster.local.', pod), ['evenkeel.shop.svc.cluster.local.'])
})

test('a name with enough dots is asked for as it is before it is searched', () => {
  assert.deepEqual(searchNames('a.b', 'search x'), ['a.b', 'a.b.x'])
  assert.deepEqual(searchNames('a', 'search x'), ['a.x', 'a'])
})

test('without search domains there is one name', () => {
  assert.deepEqual(searchNames('evenkeel', ''), ['evenkeel'])
  assert.deepEqual(searchNames('evenkeel', 'nameserver 127.0.0.11\nsearch .\noptions ndots:0'), ['evenkeel'])
})

test('of several lines the last counts, and comments do not', () => {
  assert.deepEqual(searchNames('a', '# search w\nsearch x y\ndomain z.'), ['a.z', 'a'])
})
