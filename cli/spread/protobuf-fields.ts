import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Every length-delimited value of one field of an encoded message: strings, bytes and messages. Throws for what is no message. */
export function bytesOfField(message: Uint8Array, field: number): Uint8Array[] {
  const reader = new BinaryReader(message)
  const found: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    if (number === field && wireType === WireType.LengthDelimited) found.push(reader.bytes())
    else reader.skip(wireType, number)
  }
  return found
}

/** Every string of one field of an encoded message. */
export function textsOfField(message: Uint8Array, field: number): string[] {
  return bytesOfField(message, field).map((bytes) => Buffer.from(bytes).toString())
}
