import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceFrom } from './from-name.ts'

const read = (text: string): [string, string | undefined] => {
  const source = sourceFrom(text)
  return [source.name, 'service' in source ? source.service : undefined]
}

test('a source is called as it was asked for, and its service as what it follows', () => {
  assert.deepEqual(read('file:/etc/evenkeel/endpoints.yaml'), ['file:/etc/evenkeel/endpoints.yaml', undefined])
  assert.deepEqual(read('dns:evenkeel-headless:50051'), ['dns:evenkeel-headless:50051', 'evenkeel-headless'])
  assert.deepEqual(read('dns:evenkeel.shop.svc.cluster.local.:1'), [
    'dns:evenkeel.shop.svc.cluster.local.:1',
    'evenkeel',
  ])
  assert.deepEqual(read('kubernetes:evenkeel'), ['kubernetes:evenkeel', 'evenkeel'])
  assert.deepEqual(read('kubernetes:shop/evenkeel:grpc'), ['kubernetes:shop/evenkeel:grpc', 'evenkeel'])
  assert.deepEqual(read('kubernetes:evenkeel:grpc'), ['kubernetes:evenkeel:grpc', 'evenkeel'])
})

test('a service may be given another name', () => {
  assert.deepEqual(read('evenkeel=dns:evenkeel-headless:50051'), ['dns:evenkeel-headless:50051', 'evenkeel'])
  assert.deepEqual(read('Primes_1.b=kubernetes:shop/evenkeel'), ['kubernetes:shop/evenkeel', 'Primes_1.b'])
  assert.deepEqual(read('file:a=b:c'), ['file:a=b:c', undefined])
})

for (const [text, complaint] of [
  ['', /^"": is no source; write \[SERVICE=\]kubernetes:/],
  ['evenkeel', /is no source/],
  ['consul:evenkeel', /is no source/],
  ['file:', /is no source/],
  ['a=file:x', /^"a=file:x": a file names its services itself/],
  ['=dns:a:1', /a service name has 1 to 253/],
  ['a b=dns:a:1', /a service name has 1 to 253/],
  ['dns:evenkeel', /^"dns:evenkeel": has no port from 1 to 65535; write dns:NAME:PORT$/],
  ['dns:evenkeel:0', /has no port/],
  ['dns:evenkeel:65536', /has no port/],
  ['dns:10.0.0.1:50051', /is an address and no name; put it into a file:$/],
  ['dns:[2001:db8::1]:50051', /is an address and no name/],
  ['dns::50051', / is no DNS name$/],
  ['dns:a..b:50051', /a\.\.b is no DNS name$/],
  ['dns:http://a:50051', /is no DNS name/],
  ['kubernetes:Evenkeel', /"Evenkeel" is no name of Kubernetes; write kubernetes:\[NAMESPACE\/\]NAME\[:PORTNAME\]$/],
  ['kubernetes:/evenkeel', /"" is no name of Kubernetes/],
  ['kubernetes:a/b/c', /"" is no name of Kubernetes/],
  ['kubernetes:a:b:c', /"" is no name of Kubernetes/],
  ['kubernetes:evenkeel:', /"" is no name of Kubernetes/],
  ['kubernetes:evenkeel:50051', /has a number for a port; write the name it has in the Service$/],
] as const) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => sourceFrom(text), { message: complaint })
  })
}
