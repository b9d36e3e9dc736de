import { z } from 'zod'
import type { Api, SliceRequest } from './api.ts'
import { ApiError } from './api-error.ts'
import { linesOf } from './lines.ts'
import { readJson } from './read-json.ts'
import { type Slice, sliceSchema } from './slice.ts'

/** A change since the list: a slice as it is now, one that is gone, or only the version that was reached. */
export interface Change {
  resourceVersion: string
  present?: Slice
  gone?: Slice
}

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: sliceSchema }),
  z.object({ type: z.literal('BOOKMARK'), object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }) }),
  z.object({
    type: z.literal('ERROR'),
    object: z.object({
      code: z.number().nullish(),
      message: z.string().nullish(),
      details: z.object({ retryAfterSeconds: z.number().nullish() }).nullish(),
    }),
  }),
])

/** Opens a watch, and resolves once the server has taken it: with the changes, those that came in one piece together. */
export async function watchSlices(api: Api, asked: Omit<SliceRequest, 'verb'>): Promise<AsyncIterable<Change[]>> {
  const query = { ...asked.query, watch: 'true', allowWatchBookmarks: 'true' }
  const response = await api.get({ ...asked, verb: 'watch', query })
  return changesOf(linesOf(response))
}

async function* changesOf(pieces: AsyncIterable<string[]>): AsyncGenerator<Change[]> {
  for await (const lines of pieces) yield lines.map((line) => changeOf(readJson(line, eventSchema, 'event of a watch')))
}

function changeOf(event: z.infer<typeof eventSchema>): Change {
  if (event.type === 'ERROR') {
    const { code, message, details } = event.object
    const said = `the API server ended the watch with ${code ?? 'an error'}: ${message ?? 'nothing more'}`
    throw new ApiError(code ?? 500, said, details?.retryAfterSeconds ?? 0)
  }
  const { resourceVersion } = event.object.metadata
  if (event.type === 'BOOKMARK') return { resourceVersion }
  return event.type === 'DELETED' ? { resourceVersion, gone: event.object } : { resourceVersion, present: event.object }
}
