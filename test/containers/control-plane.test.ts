import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
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
import { removeLeftBehind } from '../support/confined-container.ts'
import { startControlPlaneContainer } from '../support/control-plane-container.ts'
import { eventually } from '../support/eventually.ts'
import { connect } from '../support/service.ts'

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
