import { existsSync } from 'node:fs'
import { exit } from 'node:process'
import { fileURLToPath } from 'node:url'

// The query of the module's URL names a file; while it exists no thread can load the module.
const obstacle = new URL(import.meta.url).searchParams.get('obstacle') ?? ''
if (existsSync(fileURLToPath(obstacle))) throw new Error(`${obstacle} is in the way`)

/** A thread that can be ended, and may not come back. */
export const tasks = {
  exit: (): void => exit(1),
  echo: (input: unknown): unknown => input,
}
