/** Tasks whose warm-up fails. */
export const tasks = {}

/** Always fails. */
export function warmUp(): void {
  throw new Error('too cold')
}
