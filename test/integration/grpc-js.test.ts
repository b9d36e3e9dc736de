import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { readConfig } from '../../chassis/config.ts'
import { createHardenedServer } from '../../chassis/listen/hardened-server.ts'
import manifest from '../../package.json' with { type: 'json' }

const limits = readConfig({ argv: ['--max-concurrent-streams=7', '--max-session-memory-mb=3'], env: {} })

test('the private parts of grpc-js that are used exist in the pinned version', () => {
  assert.equal(manifest.dependencies['@grpc/grpc-js'], '1.14.7')
  const server = new Server() as unknown as Record<string, unknown>
  assert.equal(typeof server['commonServerOptions'], 'object')
  assert.ok(server['handlers'] instanceof Map)
  assert.equal(typeof server['createHttp2Server'], 'function')
  assert.equal(typeof server['_verifyContentType'], 'function')
  assert.equal(typeof server['_runHandlerForCall'], 'function')
})

test('every bound reaches the HTTP/2 layer', () => {
  const { server } = createHardenedServer(limits)
  const { commonServerOptions } = server as unknown as { commonServerOptions: unknown }
  assert.partialDeepStrictEqual(commonServerOptions, {
    maxSessionMemory: 3,
    settings: { maxConcurrentStreams: 7, maxHeaderListSize: 16_384 },
    streamResetBurst: 1_000_000,
    streamResetRate: 100_000,
  })
})

test('what listens and what is connected is known to the drain', async () => {
  const { server, listeners, sessions } = createHardenedServer(limits)
  await new Promise((resolve) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), resolve))
  assert.equal(listeners.size, 1)
  assert.equal(sessions.size, 0)
  server.forceShutdown()
})
