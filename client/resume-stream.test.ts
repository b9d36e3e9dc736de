import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata, status } from '@grpc/grpc-js'
import { resumeStream } from './resume-stream.ts'

test('a stream that is aborted while it waits to go on ends with the reason of the signal', async () => {
  const reason = new Error('no longer wanted')
  const wish = new AbortController()
  const open = () => ({
    cancel: () => {},
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        // The signal comes during the pause that follows.
        setTimeout(() => wish.abort(reason), 0)
        throw Object.assign(new Error('broken'), { code: status.UNAVAILABLE, details: '', metadata: new Metadata() })
      },
    }),
  })
  const stream = resumeStream({ from: 0, after: () => 1, signal: wish.signal, open: open as never })
  await assert.rejects(stream.next(), reason)
})
