import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openControlPlane } from '../support/local-control-plane.ts'

test('a control plane that crashed and is being started again ends when it is disposed', async () => {
  const crashed = Promise.withResolvers<string>()
  const controlPlane = await openControlPlane({ onCrash: (how) => crashed.resolve(how) })
  process.kill(controlPlane.pid, 'SIGKILL')
  assert.equal(await crashed.promise, 'SIGKILL')
  // The next process begins at once. What it left would fail this file.
  await new Promise((resolve) => setTimeout(resolve, 0))
  await controlPlane[Symbol.asyncDispose]()
})
