import type { TestContext } from 'node:test'

/** In CI a tool that is missing is a failure; elsewhere the test is skipped, and says what would enable it. */
export function skipOrFail(context: TestContext, remedy: string): void {
  if (process.env['CI'] !== undefined) throw new Error(remedy)
  console.error(`skipped: ${context.name}: ${remedy}`)
  context.skip(remedy)
}
