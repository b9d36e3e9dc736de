/** A line of `--json` about one number: the number as it was given, then the fields of the response or of its google.rpc.Status. */
export function jsonLine(number: string, message: unknown): string {
  return JSON.stringify({ number, ...(message as object) })
}
