/** All of a body. Rejects beyond `maxLength` characters. */
export async function textOf(pieces: AsyncIterable<string>, maxLength: number): Promise<string> {
  const parts: string[] = []
  let length = 0
  for await (const piece of pieces) {
    length += piece.length
    if (length > maxLength) throw new Error(`an answer is longer than ${maxLength} characters`)
    parts.push(piece)
  }
  return parts.join('')
}
