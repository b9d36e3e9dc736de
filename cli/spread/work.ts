/** The calls of a load: one unary method and its requests. */
export interface Work {
  /** `/package.Service/Method`. */
  path: string
  /** The next request, encoded. Never ends; costs next to nothing. */
  nextRequest(): Buffer
}
