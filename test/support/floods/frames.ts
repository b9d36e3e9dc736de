/** Types of HTTP/2 frames (RFC 9113 section 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

/** Flags: the last frame of a stream, of a header block, or the confirmation of settings and pings. */
export const flags = { none: 0, endStream: 1, ack: 1, endHeaders: 4 } as const

/** Where a frame belongs: its type, flags and stream; 0 is the connection. */
export interface FrameHead {
  type: number
  flags?: number
  stream?: number
}

/** One frame in bytes, whether it is allowed or not. */
export function http2Frame(
  { type, flags: flag = 0, stream = 0 }: FrameHead,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.byteLength, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flag, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** One setting, such as 4 for the initial window. */
export function settingsFrame(id: number, value: number): Buffer {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(id, 0)
  payload.writeUInt32BE(value, 2)
  return http2Frame({ type: frameTypes.settings }, payload)
}

/** RST_STREAM with CANCEL, as a caller that gives up. */
export function cancelFrame(stream: number): Buffer {
  return http2Frame({ type: frameTypes.rstStream, stream }, number32(8))
}

/** WINDOW_UPDATE; 0 is forbidden, and makes the other end reset the stream. */
export function windowFrame(stream: number, increment: number): Buffer {
  return http2Frame({ type: frameTypes.windowUpdate, stream }, number32(increment))
}

/** A header that the dynamic table of HPACK does not keep (RFC 7541 section 6.2.2). */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x00]), text(name), text(value)])
}

/** The same, kept in the table: `0xbe` means it from then on, until the next one is kept. */
export function keptLiteral(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40]), text(name), text(value)])
}

/** The headers of a gRPC call to `path`, and further ones. */
export function callHeaders(path: string, ...more: Buffer[]): Buffer {
  const fixed = Buffer.from([0x83, 0x86]) // :method POST, :scheme http
  const own = [literal(':path', path), literal(':authority', 'flood'), literal('te', 'trailers')]
  return Buffer.concat([fixed, ...own, literal('content-type', 'application/grpc'), ...more])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.byteLength), bytes])
}

/** With a prefix of seven bits (RFC 7541 section 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
