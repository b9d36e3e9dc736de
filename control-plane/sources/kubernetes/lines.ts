/** Longest line of a watch, in characters. The largest slice is far smaller: etcd holds objects of 1.5 MB. */
export const maxLineLength = 4 * 1024 * 1024

/**
 * The lines of a text that comes in pieces: of each piece those that it ends, together. Rejects where a line has no end or grows
 * beyond `maxLength`.
 */
export async function* linesOf(pieces: AsyncIterable<string>, maxLength = maxLineLength): AsyncGenerator<string[]> {
  // Joined once the line is whole: adding up a long one piece by piece would copy it each time.
  let parts: string[] = []
  let length = 0
  for await (const piece of pieces) {
    const [first = '', ...rest] = piece.split('\n')
    parts.push(first)
    length += first.length
    if (length > maxLength) throw new Error(`a line is longer than ${maxLength} characters`)
    if (rest.length === 0) continue
    const lines = [parts.join(''), ...rest.slice(0, -1)]
    const open = rest.at(-1) ?? ''
    parts = [open]
    length = open.length
    yield lines.filter((line) => line.trim() !== '')
  }
  if (parts.join('').trim() !== '') throw new Error('the last line has no end')
}
