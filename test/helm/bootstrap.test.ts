import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { render } from './support/render.ts'

interface Library {
  validateBootstrapConfig(bootstrap: unknown): unknown
}

test('grpc-js takes the bootstrap of callers without Envoy', () => {
  const path = 'ConfigMap/evenkeel-xds-bootstrap data bootstrap.json'
  const bootstrap: unknown = JSON.parse(render({ proxyless: { enabled: true } }).at(path) as string)
  // Of one that it refuses it says at each call only that it cannot read a property of null.
  const library = createRequire(import.meta.url)('@grpc/grpc-js-xds/build/src/xds-bootstrap.js') as Library
  assert.doesNotThrow(() => library.validateBootstrapConfig(bootstrap))
})
