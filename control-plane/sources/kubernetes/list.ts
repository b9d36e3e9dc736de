import { z } from 'zod'
import type { Api, SliceRequest } from './api.ts'
import { textOf } from './body.ts'
import { readJson } from './read-json.ts'
import { type Slice, sliceSchema } from './slice.ts'

/** Slices of one answer: about 10 MB where each is full. */
const pageLimit = 100

/** Longest answer, in characters, and most of them: a server that goes on for ever fills no memory. */
const maxPageLength = 64 * 1024 * 1024
const maxPages = 100

const pageSchema = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().nullish() }),
  items: z.array(sliceSchema).nullish(),
})

/** All slices at one moment, and the version that a watch goes on from. */
export interface SliceList {
  slices: Map<string, Slice>
  resourceVersion: string
}

/**
 * Lists slices in pages. Asks for no version: the answer is then of the newest state, and never older than one that was seen
 * before. Rejects with an `ApiError` that is expired where the pages took too long.
 */
export async function listSlices(api: Api, asked: Omit<SliceRequest, 'verb'>): Promise<SliceList> {
  const slices = new Map<string, Slice>()
  let next: string | undefined
  for (let pages = 0; pages < maxPages; pages++) {
    const query = { ...asked.query, limit: pageLimit, continue: next }
    const response = await api.get({ ...asked, verb: 'list', query })
    const { metadata, items } = readJson(await textOf(response, maxPageLength), pageSchema, 'list of EndpointSlices')
    for (const slice of items ?? []) slices.set(slice.metadata.name, slice)
    if (!metadata.continue) return { slices, resourceVersion: metadata.resourceVersion }
    next = metadata.continue
  }
  throw new Error(`a list of more than ${maxPages} pages of ${pageLimit} slices is refused`)
}
