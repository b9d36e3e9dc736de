/** Where an answer says who gave it. */
export interface IdentifyBy {
  part: 'trailer' | 'header'
  /** Name of the metadata entry, in lower case. */
  name: string
}

/** The trailer that every replica of ours sends. */
export const podTrailer: IdentifyBy = { part: 'trailer', name: 'evenkeel-pod' }

/** Reads `trailer:NAME` or `header:NAME`; undefined for other text. */
export function identifyByFrom(text: string): IdentifyBy | undefined {
  const [, part, name = ''] = /^(trailer|header):([a-z0-9_.-]+)$/i.exec(text) ?? []
  return part === undefined ? undefined : { part: part === 'header' ? 'header' : 'trailer', name: name.toLowerCase() }
}
