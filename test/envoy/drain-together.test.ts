import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import { needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startHoldProcess } from '../support/hold.ts'
import { runProcess } from '../support/run-process.ts'

/** As Envoy runs in a pod, but that it stops listening after 2 s. */
const flags = ['--drain-time-s', '2', '--drain-strategy', 'immediate']
/** Calls a second. */
const rate = 150
const seconds = 10

for (const order of ['the replica first', 'both at once'] as const) {
  test(
    `one of two Envoys and one of three replicas leave together, ${order}, and no call is lost`,
    needsEnvoy,
    async () => {
      await using fleet = await startFleet()
      const [goes, stays] = fleet.envoys
      await using drain = runProcess('cli/main.ts', {
        args: ['drain-envoy', '--admin', new URL(goes.adminUrl).host, '--timeout-ms', '8000'],
      })
      await eventually(() => assert.match(drain.stderr, /^waiting for SIGTERM/m))
      let ended = 0
      const loading = runLoad({
        target: `ipv4:${goes.target},${stays.target}`,
        work: holdWork({ mix: { '5ms': 1 }, seed: 1, compute: false }),
        callerBalancing: 'round_robin',
        connections: 3,
        rate,
        seconds,
        onCallEnd: () => {
          ended += 1
        },
      })
      await eventually(() => assert.ok(ended > rate / 2))
      const [replica] = fleet.replicas
      replica.kill('SIGTERM')
      if (order === 'the replica first') {
        await eventually(() => assert.ok(replica.lines.some((line) => line.includes('"draining"'))))
      }
      drain.child.kill('SIGTERM')
      assert.deepEqual(await replica.exited, { code: 0, signal: null })
      assert.deepEqual(await drain.exited, { code: 0, signal: null })
      await goes[Symbol.asyncDispose]()
      const before = ended
      assert.ok(before < rate * seconds)
      const { summary, firstDetailsByCode } = await loading
      assert.equal(summary.lost, 0, JSON.stringify(firstDetailsByCode))
      assert.equal(summary.ok + summary.refused, rate * seconds)
      assert.ok(summary.refused < rate)
      assert.equal(Object.keys(summary.callsPerProcess).length, 3)
    },
  )
}

/** Three replicas that two Envoys call; that one leaves they learn by its health only. */
async function startFleet() {
  await using stack = new AsyncDisposableStack()
  const startReplica = async (name: string) =>
    stack.use(
      await startHoldProcess('--workers=4', '--queue-limit=5000', '--drain-delay-ms=1500', `--process-name=${name}`),
    )
  const replicas = [await startReplica('a'), await startReplica('b'), await startReplica('c')] as const
  const endpoints = replicas.map(({ endpoint }) => endpoint)
  const startEnvoy = async () => stack.use(await startTestEnvoy({ endpoints, flags }))
  const envoys = [await startEnvoy(), await startEnvoy()] as const
  const owned = stack.move()
  return { replicas, envoys, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
