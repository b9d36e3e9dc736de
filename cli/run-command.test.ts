import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { type CommandProcess, runCommand } from './run-command.ts'

test('the echo of a Ctrl-C by npm is no second signal, a later one is', async ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const process = Object.assign(new EventEmitter(), streams)
  const finish = Promise.withResolvers<number>()
  const ended = runCommand(process as unknown as CommandProcess, () => finish.promise)
  process.emit('SIGINT', 'SIGINT')
  mock.timers.tick(100)
  assert.ok(process.emit('SIGINT', 'SIGINT'), 'is heard, and changes nothing')
  mock.timers.tick(500)
  assert.ok(!process.emit('SIGINT', 'SIGINT'), 'is left to the system, which ends the process')
  finish.resolve(0)
  assert.equal(await ended, 130)
})
