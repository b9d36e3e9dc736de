import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startReplicaProcess } from '../support/replica-process.ts'

test('a replica that logs nothing is found all the same', async () => {
  await using replica = await startReplicaProcess('examples/hold/main.ts', '--log-level=silent')
  assert.ok(replica.endpoint.port > 0)
  assert.deepEqual(replica.lines, [])
})

test('lines that are not JSON are lines like others', async () => {
  await using replica = await startReplicaProcess('test/support/talking-main.ts')
  await eventually(() => assert.equal(replica.lines[0], '{"serving": soon'))
})
