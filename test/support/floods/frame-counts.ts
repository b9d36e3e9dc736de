import { frameTypes } from './frames.ts'

/** What a server said, by frames. */
export interface FrameCounts {
  /** Messages that it answered. */
  messages: number
  /** Streams that it reset, by error code. */
  resets: Record<number, number>
  /** Error codes of its GOAWAYs. */
  goaways: number[]
}

/** No frames yet. */
export function noFrames(): FrameCounts {
  return { messages: 0, resets: {}, goaways: [] }
}

/** A function that takes the bytes of one connection as they come, and counts its frames. */
export function frameCounter(counts: FrameCounts): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.byteLength - at >= 9) {
      const end = at + 9 + rest.readUIntBE(at, 3)
      if (end > rest.byteLength) break
      count(counts, rest.readUInt8(at + 3), rest.subarray(at + 9, end))
      at = end
    }
    rest = rest.subarray(at)
  }
}

function count(counts: FrameCounts, type: number, payload: Buffer): void {
  if (type === frameTypes.data && payload.byteLength > 0) counts.messages += 1
  if (type === frameTypes.goaway && payload.byteLength >= 8) counts.goaways.push(payload.readUInt32BE(4))
  if (type !== frameTypes.rstStream || payload.byteLength < 4) return
  const code = payload.readUInt32BE(0)
  counts.resets[code] = (counts.resets[code] ?? 0) + 1
}
