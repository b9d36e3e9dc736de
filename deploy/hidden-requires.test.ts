import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packagesAskedFor } from './hidden-requires.ts'

test('a package that a bundle would look for at run time is found, a module of Node is not', () => {
  const bundled = 'var a=__require("node:fs"),b=__require("http2"),c=__require("@grpc/grpc-js"),d=require_index();'
  assert.deepEqual(packagesAskedFor(bundled), ['@grpc/grpc-js'])
})

test('a package that those who ask for it do without is not missed', () => {
  assert.deepEqual(packagesAskedFor('try{a=__require("bufferutil")}catch{}'), [])
})
