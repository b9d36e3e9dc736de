import { execFile } from 'node:child_process'
import { cp, glob, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const target = join(root, 'dist')

/** Files that the code reads while it runs; they keep their place beside it. */
const readWhileRunning = ['envoy/*.yaml', 'gen/descriptors/*.binpb']

/** Makes dist/ for the npm package: JavaScript and declarations of everything but tests, and the files that it reads. */
async function main(): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await run(join(root, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.build.json'], { cwd: root })
  for await (const file of glob(readWhileRunning, { cwd: root })) await cp(join(root, file), join(target, file))
}

try {
  await main()
} catch (error) {
  const said = error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : ''
  process.stderr.write(`error: ${said || String(error)}\n`)
  process.exitCode = 1
}
