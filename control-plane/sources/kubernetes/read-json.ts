import type { z } from 'zod'

/** Reads JSON that the API server sent. The error says what it should have been, and the first thing that is wrong. */
export function readJson<Value>(text: string, schema: z.ZodType<Value>, what: string): Value {
  const read = schema.safeParse(parsed(text, what))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Error(`what the API server sent is no ${what}: ${issue?.path.join('.') || 'all of it'}: ${issue?.message}`)
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`what the API server sent is no ${what}: ${(error as Error).message}`, { cause: error })
  }
}
