import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'

/** gRPC with messages in protobuf, as all of ours are; parameters may follow. gRPC-Web has a type of its own, and needs Envoy. */
const grpcType = /^application\/grpc(\+proto)?\s*(;|$)/

/** How long whoever sends it may go on sending, in ms. */
const graceMs = 1000

/**
 * Answers a request that is not one of gRPC as HTTP says, with 405 or 415, and tells it to stop sending; false when there was nothing
 * to refuse. grpc-js takes any method, and any type that begins with `application/grpc`.
 */
export function refuseForeign(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
  const refusal = refusalOf(headers)
  if (refusal === undefined) return false
  stream.respond(refusal, { endStream: true })
  // At once it would overtake the answer.
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), graceMs)
  stream.once('close', () => clearTimeout(timer))
  return true
}

function refusalOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
  if (headers[':method'] !== 'POST') return { ':status': constants.HTTP_STATUS_METHOD_NOT_ALLOWED, allow: 'POST' }
  if (!grpcType.test(headers['content-type'] ?? '')) return { ':status': constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE }
  return undefined
}
