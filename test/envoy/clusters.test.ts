import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { startEnvoy } from '../../deploy/local/envoy-process.ts'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts'
import { envoyBinary, needsEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { servicesAt } from '../support/world.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : assert.fail()
}

/** An Envoy that takes clusters and endpoints from a control plane. */
function configOf({ ports }: TestControlPlane, form: string, adminPort: number): string {
  const onThisMachine = (port: number) => ({ socket_address: { address: '127.0.0.1', port_value: port } })
  const fromAds = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '1s' }
  const http2 = {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: { http2_protocol_options: {} },
  }
  const controlPlane = {
    name: 'xds',
    type: 'STATIC',
    typed_extension_protocol_options: { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': http2 },
    load_assignment: {
      cluster_name: 'xds',
      endpoints: [{ lb_endpoints: [{ endpoint: { address: onThisMachine(ports.ads) } }] }],
    },
  }
  return JSON.stringify({
    node: { id: 'envoy-1', cluster: 'test' },
    admin: { address: onThisMachine(adminPort) },
    dynamic_resources: {
      ads_config: {
        api_type: form,
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
      },
      cds_config: fromAds,
    },
    static_resources: { listeners: [], clusters: [controlPlane] },
  })
}

for (const form of ['GRPC', 'DELTA_GRPC']) {
  test(`Envoy takes clusters and endpoints by ${form}, and refuses nothing`, needsEnvoy, async () => {
    const source = memorySource(servicesAt({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] }))
    await using controlPlane = await startControlPlane(source)
    const configText = configOf(controlPlane, form, await freePort())
    await using envoy = await startEnvoy({ binary: envoyBinary(), configText })
    const has = (...expected: string[]): Promise<void> =>
      eventually(async () => {
        const text = await (await fetch(`http://127.0.0.1:${envoy.adminPort}/clusters`)).text()
        const places = text.matchAll(/^(\w+::10\.0\.0\.\d+:\d+)::cx_active/gm)
        assert.deepEqual(new Set(Array.from(places, ([, place]) => place)), new Set(expected))
      })
    await has('hold::10.0.0.2:1', 'primes::10.0.0.1:1')
    source.tell(servicesAt({ primes: ['10.0.0.9:1'], more: ['10.0.0.3:1'] }))
    await has('more::10.0.0.3:1', 'primes::10.0.0.9:1')
    const [stream] = controlPlane.ads.streams
    assert.deepEqual(
      stream?.types.map(({ type, rejections }) => [type, ...rejections.keys()]),
      [['cluster'], ['endpoints']],
    )
  })
}
