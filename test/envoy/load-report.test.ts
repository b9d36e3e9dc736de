import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hold } from '../../examples/hold/workload.ts'
import { OrcaLoadReport } from '../../gen/xds/xds/data/orca/v3/orca_load_report.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { startService } from '../support/service.ts'

test('Envoy passes the report of load in the trailers on', needsEnvoy, async () => {
  await using fleet = await startUnequal()
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints })
  using client = holdClient(envoy.target)
  await eventually(async () => {
    const [bytes] = (await holdFor(client, 1)).trailers.get('endpoint-load-metrics-bin')
    assert.ok(Buffer.isBuffer(bytes))
    assert.ok(OrcaLoadReport.decode(bytes).rpsFractional > 0)
  })
})

test('an Envoy that weighs by it sends most calls to the replica with more workers', needsEnvoy, async () => {
  await using fleet = await startUnequal()
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints, changes: byReportedLoad })
  using client = holdClient(envoy.target)
  await eventually(async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => holdFor(client, 20)))
    const toLarge = outcomes.filter(({ trailers }) => trailers.get('evenkeel-pod')[0] === 'large')
    // In turn it would be 6.
    assert.ok(toLarge.length >= 9, `${toLarge.length} of ${outcomes.length}`)
  })
})

const policy =
  'envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin'
const extension = 'load_balancing_policy/policies/0/typed_extension_config'
const byReportedLoad: Change[] = [
  { in: 'cluster', at: `${extension}/name`, to: 'envoy.load_balancing_policies.client_side_weighted_round_robin' },
  {
    in: 'cluster',
    at: `${extension}/typed_config`,
    to: { '@type': `type.googleapis.com/${policy}`, blackout_period: '0s', weight_update_period: '0.1s' },
  },
]

/** A replica of one worker and one of six, that say in trailers how loaded they are. */
async function startUnequal() {
  await using stack = new AsyncDisposableStack()
  const start = async (name: string, workers: number) =>
    stack.use(await startService(hold, '--load-trailer', `--workers=${workers}`, `--pod-name=${name}`))
  const replicas = [await start('small', 1), await start('large', 6)]
  const endpoints = replicas.map(({ ports }) => ({ address: '127.0.0.1', port: ports.grpc }))
  const owned = stack.move()
  return { endpoints, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
