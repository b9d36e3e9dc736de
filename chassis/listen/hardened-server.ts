import type * as http2 from 'node:http2'
import { constants } from 'node:http2'
import type * as net from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import { type MethodDefinition, Server, status, type ServerCredentials, type ServerOptions } from '@grpc/grpc-js'
import type { ServerDuplexStream, ServerInterceptingCallInterface } from '@grpc/grpc-js'
import { refuseForeign } from './foreign-request.ts'
import { peerOf, type Refused, type RefusedConnection } from './refused-connection.ts'
import type { Tls } from './tls.ts'
import { UnaryCall, type UnaryHandlerOf } from './unary-call.ts'

/** Bounds of everything a connection may cost. */
export interface ServerLimits {
  /** Largest request message in bytes; above it RESOURCE_EXHAUSTED. */
  maxMessageBytes: number
  /** Largest header block of a request in bytes; above it the stream is reset. */
  maxHeaderBytes: number
  /** Calls that one connection may have open at once. */
  maxConcurrentStreams: number
  /** Memory that one connection may hold in Node's HTTP/2, in MB; above it new streams are refused. */
  maxSessionMemoryMb: number
  /** Connections open at once on one address; more are closed at accept. */
  maxConnections: number
  /** A peer is sent a PING this often, in milliseconds, */
  keepaliveMs: number
  /** and loses its connection when it has not answered for this long. */
  keepaliveTimeoutMs: number
}

/** What a hardened server has beside limits. */
export interface HardenedOptions {
  interceptors?: ServerOptions['interceptors']
  /** Told of each connection over `maxConnections`, of those whose TLS fails, and of those that break HTTP/2. */
  refused?: Refused
  /** Where the server is bound with its credentials. */
  tls?: Tls | undefined
}

/** Header that carries the caller's `grpc-timeout` past grpc-js, whose own timer overflows above 2^31 ms. */
export const timeoutHeader = 'evenkeel-grpc-timeout'

/** What this file uses of grpc-js beyond its public interface. The version is pinned; a test fails when one is missing. */
interface ServerInternals {
  commonServerOptions: http2.ServerOptions
  handlers: Map<string, RegisteredHandler>
  createHttp2Server(credentials: ServerCredentials): http2.Http2Server
  _runHandlerForCall(call: ServerInterceptingCallInterface, handler: { type: string; func: unknown }): boolean
  _verifyContentType(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): boolean
}

interface RegisteredHandler {
  func(call: ServerDuplexStream<Buffer, Buffer>): void
  serialize(value: Buffer): Buffer
  deserialize(bytes: Buffer): Buffer
  type: 'bidi'
  path: string
}

/** A grpc-js server whose HTTP/2 layer is bounded, and whose sessions are known so that they can be told to leave. */
export interface HardenedServer {
  readonly server: Server
  /** What listens. */
  readonly listeners: ReadonlySet<http2.Http2Server>
  /** Open connections, each with its open streams. */
  readonly sessions: ReadonlyMap<http2.ServerHttp2Session, ReadonlySet<http2.ServerHttp2Stream>>
}

/**
 * Builds a grpc-js server with limits. grpc-js leaves these open, and Node's own defaults punish a proxy's shared connection
 * for what single callers do: after about a thousand cancelled calls, or a hundred refused headers, the whole connection is
 * closed with everything on it (nodejs/node#54875). Here a bad call costs only itself.
 */
export function createHardenedServer(
  limits: ServerLimits,
  { interceptors = [], refused = () => {}, tls }: HardenedOptions = {},
): HardenedServer {
  const listeners = new Set<http2.Http2Server>()
  const sessions = new Map<http2.ServerHttp2Session, Set<http2.ServerHttp2Stream>>()
  const server = new Server({
    'grpc.max_receive_message_length': limits.maxMessageBytes,
    'grpc.max_concurrent_streams': limits.maxConcurrentStreams,
    'grpc-node.max_session_memory': limits.maxSessionMemoryMb,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    // Costs memory for every connection and answers nobody here.
    'grpc.enable_channelz': 0,
    interceptors,
  })
  const internals = server as unknown as ServerInternals
  Object.assign(internals.commonServerOptions, http2Bounds(limits, internals.commonServerOptions.settings))
  // oxlint-disable-next-line no-underscore-dangle -- grpc-js calls it so
  internals._verifyContentType = (stream, headers) => !refuseForeign(stream, headers)
  runUnaryCalls(internals)
  const create = internals.createHttp2Server.bind(server)
  internals.createHttp2Server = (credentials) => {
    const http2Server = create(credentials)
    listeners.add(http2Server)
    boundConnections(http2Server, limits.maxConnections, refused)
    http2Server.on('sessionError', (error: Error, session) => tellBroken(error, session, refused))
    // With credentials each listener is a secure one.
    tls?.protect(http2Server as unknown as TlsServer, refused)
    http2Server.on('session', (session) => {
      if (isOverBound(http2Server, sessions.size, limits.maxConnections)) {
        refused(overBound(limits.maxConnections, session.socket))
        return session.destroy()
      }
      const streams = new Set<http2.ServerHttp2Stream>()
      sessions.set(session, streams)
      session.once('close', () => sessions.delete(session))
      // One function for all streams of a session: a closure for each would be kept as long as its call.
      const forget = function (this: http2.ServerHttp2Stream): void {
        streams.delete(this)
        // V8 keeps a closed stream until the next full collection, and by its listeners the whole call (`unary-call.ts` says why).
        this.removeAllListeners()
      }
      session.prependListener('stream', (stream, headers) => {
        streams.add(stream)
        stream.on('close', forget)
        refuseEarlyBomb(stream, headers, limits.maxHeaderBytes)
        hideTimeout(headers)
      })
    })
    return http2Server
  }
  return { server, listeners, sessions }
}

/** Has `UnaryCall` run calls of one request and one response, in place of a stream that grpc-js would make for each. */
function runUnaryCalls(internals: ServerInternals): void {
  // oxlint-disable-next-line no-underscore-dangle -- grpc-js calls it so
  const runOther = internals._runHandlerForCall.bind(internals)
  // oxlint-disable-next-line no-underscore-dangle -- grpc-js calls it so
  internals._runHandlerForCall = (call, handler) => {
    if (handler.type !== 'unary') return runOther(call, handler)
    call.start(new UnaryCall(call, handler.func as UnaryHandlerOf<unknown, unknown>))
    return true
  }
}

function boundConnections(listener: net.Server, maxConnections: number, refused: Refused): void {
  listener.maxConnections = maxConnections
  listener.on('drop', (ends = {}) => refused(overBound(maxConnections, ends)))
}

/** Connections that are handed over come past `listener.maxConnections`, which counts at accept. */
function isOverBound(listener: net.Server, open: number, maxConnections: number): boolean {
  return !listener.listening && open >= maxConnections
}

function overBound(maxConnections: number, ends: Parameters<typeof peerOf>[0]): RefusedConnection {
  const problem = `${maxConnections} connections are open, which is the bound`
  return { ...peerOf(ends), reason: 'limit', problem }
}

/** Floods, bad frames and what is not HTTP/2 at all; a connection that was cut is nobody's fault. */
function tellBroken(error: Error, session: http2.ServerHttp2Session, refused: Refused): void {
  const code = 'code' in error ? String(error.code) : ''
  if (!code.startsWith('ERR_HTTP2_')) return
  refused({ ...peerOf(endsOf(session)), reason: 'protocol', problem: `it broke HTTP/2: ${error.message}` })
}

/** A session that has lost its socket throws for what is asked of it. */
function endsOf({ socket }: http2.ServerHttp2Session): Parameters<typeof peerOf>[0] {
  try {
    return { remoteAddress: socket.remoteAddress, remotePort: socket.remotePort, localPort: socket.localPort }
  } catch {
    return {}
  }
}

function http2Bounds(limits: ServerLimits, settings: http2.Settings | undefined): http2.SecureServerOptions {
  return {
    settings: { ...settings, maxHeaderListSize: limits.maxHeaderBytes },
    maxHeaderListPairs: 64,
    // Of TLS, in milliseconds: by default two minutes.
    handshakeTimeout: limits.keepaliveTimeoutMs,
    // Cancelled calls arrive as RST_STREAM. Both must be set or nghttp2 keeps its default of 1000 and 33 a second.
    streamResetBurst: 1_000_000,
    streamResetRate: 100_000,
    // A stream refused for its headers must not count against the others that share the connection.
    maxSessionRejectedStreams: 1_000_000,
    maxSessionInvalidFrames: 1_000_000,
  }
}

/** Node holds a caller to our settings only once the caller has confirmed them, which a hostile one never does. */
function refuseEarlyBomb(stream: http2.Http2Stream, headers: http2.IncomingHttpHeaders, maxBytes: number): void {
  if (stream.session?.pendingSettingsAck !== true) return
  // RFC 9113 section 6.5.2 counts 32 bytes more for each header.
  const sizes = Object.entries(headers).map(([name, value]) => name.length + String(value).length + 32)
  if (sizes.reduce((sum, size) => sum + size, 0) > maxBytes) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM)
}

function hideTimeout(headers: http2.IncomingHttpHeaders): void {
  const timeout = headers['grpc-timeout']
  // A caller cannot set our own name: it is overwritten or removed.
  if (headers[timeoutHeader] !== undefined) delete headers[timeoutHeader]
  if (timeout === undefined) return
  headers[timeoutHeader] = timeout
  delete headers['grpc-timeout']
}

/** Lets `answer` take the calls of methods that do not exist, so that they pass the interceptors as all others do. */
export function answerUnknownMethods(server: Server, answer: RegisteredHandler['func']): void {
  const internals = server as unknown as ServerInternals
  const same = (bytes: Buffer): Buffer => bytes
  internals.handlers = new (class extends Map<string, RegisteredHandler> {
    override get(path: string): RegisteredHandler {
      return super.get(path) ?? { func: answer, serialize: same, deserialize: same, type: 'bidi', path }
    }
  })(internals.handlers)
}

/** Whether a method is registered; `answerUnknownMethods` registers none. */
export function hasMethod(server: Server, path: string): boolean {
  return (server as unknown as ServerInternals).handlers.has(path)
}

/** The innermost call of grpc-js, which sends some statuses of its own (a message too large) past every interceptor. */
export interface BaseCall extends ServerInterceptingCallInterface {
  stream: http2.ServerHttp2Stream
  /** `grpc-encoding`, which is no longer among the headers. */
  incomingEncoding: string
  /** Takes a message with the five bytes before it. */
  decompressMessage(message: Buffer, encoding: string): Buffer | Promise<Buffer>
}

/** `call` as grpc-js's base call; what `ServerOptions.interceptors[0]` is given. */
export function baseCallOf(call: ServerInterceptingCallInterface): BaseCall {
  return call as BaseCall
}

/** What is wrong with a message that is marked as compressed in a call that names no encoding. */
export const unannounced = 'a request is marked as compressed, and grpc-encoding names no compression'

/** Has such a message end its call with INTERNAL, as the protocol says; grpc-js would take it for one that is not compressed. */
export function refuseUnannounced(call: BaseCall): void {
  call.decompressMessage = decompressAnnounced
}

/** One function for all calls. */
function decompressAnnounced(this: BaseCall, message: Buffer, encoding: string): Buffer | Promise<Buffer> {
  if (message[0] === 1 && encoding === 'identity') {
    throw Object.assign(new Error(unannounced), { code: status.INTERNAL, details: unannounced })
  }
  return (Object.getPrototypeOf(this) as BaseCall).decompressMessage.call(this, message, encoding)
}

/** The same method with messages left as bytes, so that decoding is ours and a malformed body is our error. */
export function withRawMessages<Request, Response>(
  method: MethodDefinition<Request, Response>,
): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes
  return {
    ...method,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}
