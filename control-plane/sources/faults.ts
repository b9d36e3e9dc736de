/** The problem of a source as an error whose message begins with the source's name. */
export function faultOf(source: string, error: unknown): Error {
  return new Error(`${source}: ${said(error)}`, { cause: error })
}

function said(error: unknown): string {
  // A name with several addresses: what went wrong with each, and nothing in the whole.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(said).join(', ')
  return error instanceof Error ? error.message || error.name : String(error)
}
