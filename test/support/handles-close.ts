import assert from 'node:assert/strict'
import { eventually } from './eventually.ts'

/**
 * Resolves when this process holds no TCP socket, server or child any more. Handles that were closed are gone some turns of
 * the event loop later, as are connections that a client keeps (fetch, exporters) when their server goes.
 */
export async function handlesClose(): Promise<void> {
  await eventually(() =>
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => /^(TCP|Process)/.test(name)),
      [],
    ),
  )
}
