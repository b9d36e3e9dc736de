import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { describedWork } from '../../cli/spread/described-work.ts'
import { type LoadResult, runLoad } from '../../cli/spread/run-load.ts'
import { needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { buildForeign, type ForeignServer, startForeign } from '../support/foreign-server.ts'
import { skipOrFail } from '../support/missing-tool.ts'

/** Calls per second: enough to see a gap, little for two shared cores at about a millisecond each. */
const rate = 150

test(
  'calls to servers that know nothing of ours are spread, and Envoy says who answered',
  needsEnvoy,
  async (context) => {
    await using place = await startPlace(context)
    if (place === undefined) return
    const { summary, unidentified } = await place.load(4)
    assert.equal(summary.lost, 0)
    assert.equal(unidentified, 0)
    assert.deepEqual(Object.keys(summary.callsPerPod).toSorted(), place.addresses())
    // A fair choice among three idle servers stays above 140 of 600 in all but one of a million runs.
    assert.ok(Math.min(...Object.values(summary.callsPerPod)) > 140, JSON.stringify(summary.callsPerPod))
  },
)

test('such a server finishes its calls on SIGTERM, and its caller loses none', needsEnvoy, async (context) => {
  await using place = await startPlace(context)
  if (place === undefined) return
  let answered = 0
  const goesOn = async (): Promise<void> => {
    const before = answered
    await eventually(() => assert.ok(answered > before + rate / 2))
  }
  const ended = new AbortController()
  const loading = place.load(30, { signal: ended.signal, onCallEnd: () => void (answered += 1) })
  for (const server of place.servers.slice(1)) {
    await goesOn()
    assert.equal(await server.stop(), 0)
  }
  await goesOn()
  ended.abort()
  const { summary, firstDetailsByCode } = await loading
  assert.deepEqual(firstDetailsByCode, {})
  assert.equal(summary.lost, 0)
})

interface Place extends AsyncDisposable {
  readonly servers: readonly ForeignServer[]
  addresses(): string[]
  load(seconds: number, more?: { signal?: AbortSignal; onCallEnd?: () => void }): Promise<LoadResult>
}

/** Three foreign servers behind an Envoy that says who answered; undefined, and the test is skipped, where there is no Go. */
async function startPlace(context: TestContext): Promise<Place | undefined> {
  await using stack = new AsyncDisposableStack()
  const program = await buildForeign()
  if (program === undefined) {
    skipOrFail(context, 'install Go 1.26, with access to a module proxy')
    return undefined
  }
  stack.use(program)
  const servers = [
    stack.use(await startForeign(program)),
    stack.use(await startForeign(program)),
    stack.use(await startForeign(program)),
  ]
  const endpoints = servers.map(({ endpoint }) => endpoint)
  const responseHeaders = { 'evenkeel-endpoint': '%UPSTREAM_HOST%' }
  const envoy = stack.use(await startTestEnvoy({ endpoints, config: { responseHeaders } }))
  await eventually(async () =>
    assert.equal((await envoy.hosts()).filter(({ healthy }) => healthy).length, servers.length),
  )
  const owned = stack.move()
  return {
    servers,
    addresses: () => endpoints.map(({ address, port }) => `${address}:${port}`).toSorted(),
    load: async (seconds, more) =>
      runLoad({
        target: envoy.target,
        work: await describedWork({
          target: envoy.target,
          call: 'foreign.v1.CollatzService/Longest',
          data: '{"value":3000}',
        }),
        rate,
        seconds,
        podsExpected: servers.length,
        identifyBy: { part: 'header', name: 'evenkeel-endpoint' },
        ...more,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
