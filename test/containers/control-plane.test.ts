import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { temporaryFolder } from '../../deploy/local/temporary-folder.ts'
import { ClusterLoadAssignment } from '../../gen/xds/envoy/config/endpoint/v3/endpoint.ts'
import type { LbEndpoint } from '../../gen/xds/envoy/config/endpoint/v3/endpoint_components.ts'
import { AggregatedDiscoveryServiceClient } from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import {
  DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
} from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
  HealthService,
} from '../../gen/health/v1/health.ts'
import { callUnary } from '../support/call.ts'
import { removeLeftBehind, startConfined } from '../support/confined-container.ts'
import { startControlPlaneContainer } from '../support/control-plane-container.ts'
import { eventually } from '../support/eventually.ts'
import { KubernetesApi } from '../support/kubernetes-api.ts'
import { selfSigned } from '../support/self-signed.ts'
import { connect } from '../support/service.ts'
import { testImage } from '../support/test-image.ts'

before(removeLeftBehind)
after(removeLeftBehind)

test('a confined control plane serves ADS, health and metrics to the network, and ends at SIGTERM with exit code 0', async () => {
  await using controlPlane = await startControlPlaneContainer({ ports: [18000, 18001, 18002] })
  await controlPlane.publish([{ address: '10.0.0.1', port: 50051 }])
  for (const port of [18000, 18002]) {
    using health = connect(HealthClient, controlPlane.address(port))
    const { response } = await callUnary(health, HealthService.check, { request: { service: '' } })
    assert.equal(response?.status, Serving.SERVING)
  }
  await eventually(async () => {
    const metrics = await (await fetch(`http://${controlPlane.address(18001)}/metrics`)).text()
    assert.match(metrics, /^evenkeel_xds_endpoints\{.*evenkeel_endpoint_state="ready".*\} 1$/m)
  })
  assert.deepEqual(await endpointsOf(controlPlane.address(18000)), ['10.0.0.1:50051'])
  await controlPlane.kill('SIGTERM')
  assert.equal(await controlPlane.exited(), 0)
})

test('a control plane in a container without Kubernetes says so, and goes on', async () => {
  await using controlPlane = await startControlPlaneContainer({
    args: ['--source=kubernetes:shop/evenkeel'],
    readyLine: /"problem":"kubernetes:shop\/evenkeel: no Kubernetes is known here; .*"msg":"source failing"/,
    ports: [18002],
  })
  using health = connect(HealthClient, controlPlane.address(18002))
  const { response } = await callUnary(health, HealthService.check, { request: { service: '' } })
  assert.equal(response?.status, Serving.NOT_SERVING)
})

test('a control plane in a pod asks as its service account, in its namespace, and says which Role it needs', async (context) => {
  const certificate = await selfSigned(context)
  if (certificate === undefined) return
  await using api = await KubernetesApi.start(certificate)
  const message =
    'endpointslices.discovery.k8s.io is forbidden: User "system:serviceaccount:stall:evenkeel" cannot list resource'
  api.answer('list', (response) => response.writeHead(403).end(JSON.stringify({ kind: 'Status', message })))
  await using account = await temporaryFolder('service-account')
  await chmod(account.path, 0o755)
  const files = { token: 'of-the-pod', namespace: 'stall', 'ca.crt': certificate.cert }
  for (const [name, content] of Object.entries(files)) await writeFile(join(account.path, name), content)
  const asked = api.request('list')
  const { tag: image } = await testImage('control-plane')
  await using controlPlane = await startConfined({
    image,
    args: ['--source=kubernetes:evenkeel', '--port=0', '--health-port=0', '--metrics-port=off'],
    environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(api.port) },
    folders: { '/var/run/secrets/kubernetes.io/serviceaccount': account.path },
    network: 'host',
    readyLine: /"msg":"source recovered"/,
  })
  const { authorization, path } = await asked
  assert.equal(authorization, 'Bearer of-the-pod')
  assert.equal(path, '/apis/discovery.k8s.io/v1/namespaces/stall/endpointslices')
  const { problem } = JSON.parse(controlPlane.lines.find((line) => line.includes('"source failing"')) ?? '{}')
  const remedy = 'a Role in namespace stall must allow list (of get, list, watch) on endpointslices of discovery.k8s.io'
  assert.equal(problem, `kubernetes:evenkeel: the API server answered 403 to list: ${message}; ${remedy}`)
})

/** What ADS says of the service `evenkeel`, as `address:port`. */
async function endpointsOf(address: string): Promise<string[]> {
  using client = connect(AggregatedDiscoveryServiceClient, address)
  const stream = client.deltaAggregatedResources()
  const typeUrl = 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment'
  stream.write(DeltaDiscoveryRequest.create({ node: { id: 'test' }, typeUrl, resourceNamesSubscribe: ['evenkeel'] }))
  const [{ resources }] = (await once(stream, 'data')) as [DeltaDiscoveryResponse]
  const ended = once(stream, 'status')
  stream.end()
  stream.resume()
  await ended
  return resources.flatMap(({ resource }) => {
    const { endpoints } = ClusterLoadAssignment.decode(resource?.value ?? new Uint8Array())
    return endpoints.flatMap(({ lbEndpoints }) => lbEndpoints.map(textOf))
  })
}

function textOf({ hostIdentifier }: LbEndpoint): string {
  assert.equal(hostIdentifier?.$case, 'endpoint')
  const { address } = hostIdentifier.value
  assert.equal(address?.address?.$case, 'socketAddress')
  const { value: socket } = address.address
  return `${socket.address}:${socket.portSpecifier?.value}`
}
