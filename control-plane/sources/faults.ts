/** The problem of a source as an error whose message begins with the source's name. */
export function faultOf(source: string, error: unknown): Error {
  const said = error instanceof Error ? error.message || error.name : String(error)
  return new Error(`${source}: ${said}`, { cause: error })
}
