import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterEach, test } from 'node:test'
import { handlesClose } from '../support/handles-close.ts'

afterEach(handlesClose)

test('a process that flushes its log and ends at once has written every line, in order', async () => {
  const child = spawn(process.execPath, ['test/support/logging-child.ts', '2000'], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')])
  const numbers = output
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).line)
  assert.equal(exitCode, 0)
  assert.deepEqual(numbers, [...Array(2000).keys()])
})
