import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { after, before, follow, following, two } from '../support/followed-service.ts'
import { handlesClose } from '../support/handles-close.ts'
import { endWithError, KubernetesApi, refuse, say } from '../support/kubernetes-api.ts'
import { readyAt, sliceOf, terminatingAt, unreadyAt } from '../support/slices.ts'

afterEach(handlesClose)

test('the life of a pod is told as it happens: unready, ready, terminating, gone', async () => {
  await using scene = await following()
  const { api, followed } = scene
  const states = [unreadyAt('10.0.0.2'), readyAt('10.0.0.2', { zone: 'a' }), terminatingAt('10.0.0.2')]
  const heard: unknown[] = []
  for (const state of states) {
    api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1'), state]))
    heard.push((await followed.nextUpdate())['evenkeel']?.[1])
  }
  assert.deepEqual(heard, ['10.0.0.2:50051 unready', '10.0.0.2:50051 in a', '10.0.0.2:50051 terminating'])
  api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1')]))
  assert.deepEqual(await followed.nextUpdate(), before)
})

test('the slices of one Service are asked for, in its namespace, as who the kubeconfig says', async () => {
  await using scene = await following()
  const [list, watch] = scene.api.requests
  assert.equal(list?.path, '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices')
  assert.equal(list.query['labelSelector'], 'kubernetes.io/service-name=evenkeel')
  assert.equal(list.authorization, 'Bearer first')
  assert.equal(watch?.query['labelSelector'], 'kubernetes.io/service-name=evenkeel')
  assert.equal(watch.query['resourceVersion'], '101')
  assert.equal(watch.query['allowWatchBookmarks'], 'true')
  assert.match(watch.query['timeoutSeconds'] ?? '', /^(2[4-9]\d|300)$/)
})

test('a namespace that is named is the one that is asked for', async () => {
  await using api = await KubernetesApi.start()
  await using followed = follow(api, { wanted: { namespace: 'other' } })
  await followed.nextUpdate()
  assert.equal(api.requests[0]?.path, '/apis/discovery.k8s.io/v1/namespaces/other/endpointslices')
})

test('a Service without slices, or with slices without endpoints, is a service without endpoints', async () => {
  await using api = await KubernetesApi.start()
  await using followed = follow(api)
  assert.deepEqual(await followed.next(), { update: { evenkeel: [] } })
  api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1')]))
  assert.deepEqual(await followed.next(), { update: before })
  api.put({ ...sliceOf('evenkeel-1', []), ports: null, endpoints: null })
  assert.deepEqual(await followed.next(), { update: { evenkeel: [] } })
  api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1')]))
  assert.deepEqual(await followed.next(), { update: before })
  api.delete('evenkeel-1')
  assert.deepEqual(await followed.next(), { update: { evenkeel: [] } })
})

test('slices that come in pages are one list', async () => {
  await using api = await KubernetesApi.start()
  api.pageSize = 2
  for (let at = 1; at <= 5; at++) api.put(sliceOf(`evenkeel-${at}`, [readyAt(`10.0.0.${at}`)]))
  await using followed = follow(api)
  const { evenkeel } = await followed.nextUpdate()
  assert.equal(evenkeel?.length, 5)
  assert.equal(followed.updates.length, 1)
})

test('a list whose pages expire is begun again, and that is no fault', async () => {
  await using api = await KubernetesApi.start()
  api.pageSize = 1
  for (let at = 1; at <= 2; at++) api.put(sliceOf(`evenkeel-${at}`, [readyAt(`10.0.0.${at}`)]))
  api.answer('list', (response, request) => {
    api.answer('list', refuse(410, 'The provided continue parameter is too old'))
    const page = { metadata: { resourceVersion: '102', continue: '1' }, items: [] }
    say(JSON.stringify(page))(response, request)
  })
  await using followed = follow(api)
  assert.deepEqual(await followed.next(), { update: after })
})

test('an endpoint that moves to another slice stays, with its best state', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.put(sliceOf('evenkeel-2', [unreadyAt('10.0.0.1'), readyAt('10.0.0.2')]))
  assert.deepEqual(await followed.nextUpdate(), after)
  api.put(sliceOf('evenkeel-2', [readyAt('10.0.0.1'), readyAt('10.0.0.2')]))
  api.delete('evenkeel-1')
  api.put(sliceOf('evenkeel-2', [readyAt('10.0.0.1')]))
  assert.deepEqual(await followed.next(), { update: before })
})

test('a bookmark moves the version that the next watch goes on from', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.bookmark()
  const changed = two
  api.put(changed)
  await followed.nextUpdate()
  api.bookmark()
  const watched = api.request('watch')
  api.endWatches()
  assert.equal((await watched).query['resourceVersion'], '102')
})

test('a watch that ends in order goes on where it was, without a list and without a fault', async () => {
  await using scene = await following({ settledMs: 0 })
  const { api, followed } = scene
  for (let ends = 0; ends < 5; ends++) {
    const watched = api.request('watch')
    api.endWatches()
    await watched
  }
  api.put(two)
  assert.deepEqual(await followed.next(), { update: after })
  assert.equal(api.requests.filter(({ verb }) => verb === 'list').length, 1)
})

test('a change while no watch is open is told by the next one', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.endWatches()
  api.put(two)
  assert.deepEqual(await followed.next(), { update: after })
})

for (const [what, answer] of [
  ['by its status', refuse(410, 'too old resource version')],
  ['by an event', endWithError(410, 'too old resource version')],
] as const) {
  test(`a watch whose version is too old, ${what}, lists anew, and that is no fault`, async () => {
    await using scene = await following()
    const { api, followed } = scene
    api.answer('watch', answer)
    api.endWatches()
    api.put(two)
    assert.deepEqual(await followed.next(), { update: after })
    assert.equal(api.requests.filter(({ verb }) => verb === 'list').length, 2)
  })
}

test('changes that the server forgot are found by the list', async () => {
  await using scene = await following()
  const { api, followed } = scene
  await api.close()
  await followed.nextFault()
  api.put(two)
  api.expire()
  await api.listen()
  assert.deepEqual(await followed.nextUpdate(), after)
  await followed.recovered()
})
