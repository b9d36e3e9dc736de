import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { echoPath, startBackend } from '../support/backend.ts'
import { needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { runProcess } from '../support/run-process.ts'

const localPage = 'http://localhost:5173'
const headers = { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1' }

test('a web page calls by fetch and gets answer and trailers', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  const answer = await callFromPage(envoy.grpcUrl, localPage)
  const frames = framesOf(Buffer.from(await answer.arrayBuffer()))
  assert.deepEqual(
    frames.map(({ flag }) => flag),
    [0x00, 0x80],
  )
  assert.equal(frames[0]?.body.toString(), 'hello')
  assert.match(frames[1]?.body.toString() ?? '', /grpc-status:0\r\n/)
  assert.match(frames[1]?.body.toString() ?? '', /evenkeel-pod:backend\r\n/)
})

test('a web page may read status, pushback and who answered from the headers of a refusal', needsEnvoy, async () => {
  await using full = await startBackend('full', { status: status.RESOURCE_EXHAUSTED, pushbackMs: 40 })
  await using envoy = await startTestEnvoy({ endpoints: [full.endpoint] })
  const answer = await callFromPage(envoy.grpcUrl, localPage)
  assert.equal(answer.headers.get('grpc-status'), '8')
  assert.equal(answer.headers.get('grpc-retry-pushback-ms'), '40')
  assert.equal(answer.headers.get('evenkeel-pod'), 'full')
  const exposed = answer.headers.get('access-control-expose-headers')?.split(/, ?/)
  const wanted = ['grpc-status', 'grpc-message', 'grpc-status-details-bin', 'grpc-retry-pushback-ms']
  const trailers = ['pod', 'process', 'worker', 'queue-ms', 'compute-ms'].map((name) => `evenkeel-${name}`)
  assert.deepEqual(exposed?.toSorted(), [...wanted, ...trailers].toSorted())
})

test("a page of one's own machine passes the preflight, a foreign one does not", needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  assert.equal(await allowedOrigin(envoy.grpcUrl, localPage), localPage)
  assert.equal(await allowedOrigin(envoy.grpcUrl, 'http://127.0.0.1'), 'http://127.0.0.1')
  assert.equal(await allowedOrigin(envoy.grpcUrl, 'https://evil.example'), null)
  assert.equal(await allowedOrigin(envoy.grpcUrl, 'http://localhost.evil.example'), null)
})

test('the origins of a place pass the preflight instead', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  const config = { allowedOrigins: ['https://app.example'] }
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], config })
  assert.equal(await allowedOrigin(envoy.grpcUrl, 'https://app.example'), 'https://app.example')
  assert.equal(await allowedOrigin(envoy.grpcUrl, localPage), null)
})

test('the origins that `up` is given pass the preflight', needsEnvoy, async () => {
  const origins = ['https://app.example', 'http://other.example:8000']
  const place = [
    '--no-table',
    '--replicas=1',
    '--workload=hold',
    '--port=0',
    '--ready-port=0',
    '--admin-port=0',
    '--control-plane-port=0',
  ]
  await using fleet = runProcess('bin/evenkeel.js', {
    args: ['up', ...place, ...origins.map((origin) => `--allowed-origin=${origin}`)],
  })
  const address = await eventually(() => /serves at ([\d.:]+\d)/.exec(fleet.stderr)?.[1] ?? assert.fail(fleet.stderr), {
    withinMs: 30_000,
  })
  for (const origin of origins) assert.equal(await allowedOrigin(`http://${address}`, origin), origin)
  assert.equal(await allowedOrigin(`http://${address}`, localPage), null)
})

function callFromPage(url: string, origin: string): Promise<Response> {
  return fetch(url + echoPath, { method: 'POST', headers: { ...headers, origin }, body: frame('hello') })
}

/** What a preflight for a call says of the origin. */
async function allowedOrigin(url: string, origin: string): Promise<string | null> {
  const wanted = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-grpc-web,grpc-timeout',
  }
  const answer = await fetch(url + echoPath, { method: 'OPTIONS', headers: wanted })
  return answer.headers.get('access-control-allow-origin')
}

function frame(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(bytes.length, 1)
  return new Uint8Array([...head, ...bytes])
}

/** The frames of a gRPC-Web body: a flag (0x80 means trailers), a length, the bytes. */
function framesOf(bytes: Buffer): { flag: number; body: Buffer }[] {
  const frames = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1)
    frames.push({ flag: bytes.readUInt8(at), body: bytes.subarray(at + 5, at + 5 + length) })
    at += 5 + length
  }
  return frames
}
