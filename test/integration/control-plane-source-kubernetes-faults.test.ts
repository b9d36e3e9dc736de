import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { afterEach, test } from 'node:test'
import { kubernetesSource } from '../../control-plane/sources/kubernetes.ts'
import { after, before, follow, following, quick, two } from '../support/followed-service.ts'
import { handlesClose } from '../support/handles-close.ts'
import { endWithError, hang, KubernetesApi, openOnly, refuse, say } from '../support/kubernetes-api.ts'
import { selfSigned } from '../support/self-signed.ts'
import { readyAt, sliceOf } from '../support/slices.ts'
import { FollowedSource } from '../support/source-listener.ts'

interface KubeconfigText {
  clusters: { cluster: Record<string, unknown> }[]
}

afterEach(handlesClose)

const oneFault: [string, Parameters<KubernetesApi['answer']>, RegExp][] = [
  ['a list that is answered 500', ['list', refuse(500, 'etcd is away')], /answered 500 to list: etcd is away$/],
  ['a watch that is answered 500', ['watch', refuse(500, 'etcd is away')], /answered 500 to watch: etcd is away$/],
  ['an error within a watch', ['watch', endWithError(500, 'etcd is away')], /ended the watch with 500: etcd is away$/],
  [
    'a list that is forbidden',
    ['list', refuse(403, 'no')],
    /answered 403 to list: no; a Role in namespace shop must allow list \(of get, list, watch\) on endpointslices of discovery\.k8s\.io$/,
  ],
  ['a watch that is forbidden', ['watch', refuse(403, 'no')], /must allow watch/],
  ['a list that is no JSON', ['list', say('<html>')], /is no list of EndpointSlices: Unexpected token/],
  ['a list of something else', ['list', say('{"items":[]}')], /is no list of EndpointSlices: metadata: /],
  ['a line that is no JSON', ['watch', say('{"type":\n')], /is no event of a watch: Unexpected end/],
  ['an event of an unknown kind', ['watch', say('{"type":"NEW","object":{}}\n')], /is no event of a watch: type: /],
  ['a slice without a name', ['watch', say('{"type":"ADDED","object":{"metadata":{}}}\n')], /object\.metadata\.name: /],
  ['a line that is cut off', ['watch', say('{"type":"ADDED"')], /the last line has no end$/],
  ['a line of 5 MB', ['watch', say('x'.repeat(5_000_000))], /a line is longer than 4194304 characters$/],
  [
    'a refusal that is no JSON',
    ['list', (response) => void response.writeHead(502).end('Bad Gateway')],
    /502 to list: Bad Gateway$/,
  ],
  [
    'a connection that is cut within a list',
    ['list', (response) => void response.write('{', () => response.destroy())],
    /aborted/,
  ],
]
for (const [what, [verb, answer], complaint] of oneFault) {
  test(`${what} is a fault, what was told stays, and the source recovers`, async () => {
    await using scene = await following()
    const { api, followed } = scene
    if (answer !== undefined) api.answer(verb, answer)
    // A list comes after a fault only.
    if (verb === 'list') api.cutWatches()
    else api.endWatches()
    if (verb === 'list') await followed.nextFault()
    const fault = await followed.nextFault()
    assert.match(fault, /^kubernetes:evenkeel: /)
    assert.match(fault, complaint)
    assert.deepEqual(followed.truth, before)
    await followed.recovered()
    assert.equal(followed.updates.length, 1)
    api.put(two)
    assert.deepEqual(await followed.nextUpdate(), after)
  })
}

test('a watch that is cut is a fault, and goes on after a list', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.cutWatches()
  assert.match(await followed.nextFault(), /aborted/)
  await followed.recovered()
  api.put(two)
  assert.deepEqual(await followed.nextUpdate(), after)
})

test('a watch on which nothing comes is taken for dead', async () => {
  await using scene = await following({ idleMs: 100 })
  const { api, followed } = scene
  api.answer('watch', openOnly)
  assert.match(await followed.nextFault(), /nothing came for 100 ms$/)
  assert.deepEqual(followed.truth, before)
})

test('a server that takes connections and never answers is a fault', async () => {
  await using scene = await following({ timeoutMs: 100 })
  const { api, followed } = scene
  api.answer('list', hang)
  api.answer('watch', hang)
  api.endWatches()
  assert.match(await followed.nextFault(), /no answer within 100 ms$/)
  assert.match(await followed.nextFault(), /no answer within 100 ms$/)
  await followed.recovered()
  api.put(two)
  assert.deepEqual(await followed.nextUpdate(), after)
})

test('a server that is away is a fault at each attempt; what was told stays', async () => {
  await using scene = await following()
  const { api, followed } = scene
  await api.close()
  await followed.nextFault()
  for (let attempts = 0; attempts < 5; attempts++) assert.match(await followed.nextFault(), /ECONNREFUSED/)
  assert.deepEqual(followed.truth, before)
  await api.listen()
  await followed.recovered()
  assert.equal(followed.updates.length, 1)
})

test('credentials that are refused are read again', async () => {
  await using scene = await following()
  const { api, followed } = scene
  await api.writeToken('second')
  api.answer('watch', refuse(401, 'Unauthorized'))
  const listed = api.request('list')
  api.endWatches()
  assert.match(await followed.nextFault(), /answered 401 to watch: Unauthorized; the credentials are read again$/)
  assert.equal((await listed).authorization, 'Bearer second')
  await followed.recovered()
})

test('a server with TLS is trusted by the authority of the kubeconfig, and no other', async (context) => {
  const certificate = await selfSigned(context)
  if (certificate === undefined) return
  await using api = await KubernetesApi.start(certificate)
  api.put(two)
  const watched = api.request('watch')
  await using followed = follow(api)
  assert.deepEqual(await followed.next(), { update: after })
  assert.equal((await watched).authorization, 'Bearer first')
  const config = JSON.parse(await readFile(api.kubeconfig, 'utf8')) as KubeconfigText
  delete config.clusters[0]?.cluster['certificate-authority-data']
  await writeFile(api.kubeconfig, JSON.stringify(config))
  await using wary = follow(api)
  assert.match(await wary.nextFault(), /self-signed certificate/)
})

test('where no Kubernetes is known, that is a fault which says so', async () => {
  const { HOME, KUBECONFIG } = process.env
  // A home that nobody, root included, can write to.
  process.env['HOME'] = '/dev/null'
  delete process.env['KUBECONFIG']
  try {
    await using followed = new FollowedSource(kubernetesSource({ service: 'a', name: 'a' }, quick))
    assert.match(await followed.nextFault(), /no Kubernetes is known here; run in a pod .* or set KUBECONFIG$/)
  } finally {
    // Assigned, undefined would become a word.
    for (const [name, value] of Object.entries({ HOME, KUBECONFIG })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
})

test('a kubeconfig that is missing or wrong is a fault', async () => {
  await using followed = new FollowedSource(
    kubernetesSource({ service: 'a', name: 'a' }, { ...quick, kubeconfig: '/dev/null/kubeconfig' }),
  )
  assert.match(await followed.nextFault(), /^kubernetes:a: ENOTDIR.*\/dev\/null\/kubeconfig/)
})

test('a server that asks for a pause is left alone for that long', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.answer('watch', refuse(429, 'Too many requests', { 'retry-after': '1' }))
  const [watched, listed] = [api.request('watch'), api.request('list')]
  api.endWatches()
  assert.match(await followed.nextFault(), /answered 429 to watch: Too many requests$/)
  const [refused, again] = await Promise.all([watched, listed])
  assert.ok(again.atMs - refused.atMs >= 1000)
})

test('slices of which none can be used are a fault, and no service without endpoints', async () => {
  await using scene = await following()
  const { api, followed } = scene
  const ports = [
    { name: 'grpc', port: 50051 },
    { name: 'metrics', port: 9464 },
  ]
  api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1')], { ports }))
  assert.match(
    await followed.nextFault(),
    /slice evenkeel-1: no one TCP port to take, its ports are: "grpc", "metrics"/,
  )
  assert.deepEqual(followed.truth, before)
  api.put(two)
  assert.deepEqual(await followed.nextUpdate(), after)
  assert.equal(await followed.next(), 'recovered')
})

test('slices that are no addresses are a fault beside those that are', async () => {
  await using scene = await following()
  const { api, followed } = scene
  api.put(sliceOf('evenkeel-2', [readyAt('example.com')], { addressType: 'FQDN' }))
  assert.match(await followed.nextFault(), /slice evenkeel-2: addressType FQDN is ignored/)
  api.put(two)
  assert.deepEqual(await followed.nextUpdate(), after)
  api.delete('evenkeel-2')
  await followed.recovered()
})

test('a source ends at once, whatever it waits for', async () => {
  await using api = await KubernetesApi.start()
  api.answer('list', hang)
  const listed = api.request('list')
  const hanging = follow(api)
  await listed
  await hanging[Symbol.asyncDispose]()
  assert.deepEqual(hanging.told, [])
  api.answer('list', refuse(500, 'etcd is away', { 'retry-after': '60' }))
  const waiting = follow(api)
  await waiting.nextFault()
  await waiting[Symbol.asyncDispose]()
})
