import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { CallError } from '../../chassis/errors.ts'
import type * as Pool from '../../chassis/workers/start-pool.ts'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

test('a pool bundled to JavaScript finds its thread beside it, and knows the errors of bundled tasks', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  t.after(() => rm(folder, { recursive: true }))
  await build({
    entryPoints: {
      main: fromHere('../../chassis/workers/start-pool.ts'),
      thread: fromHere('../../chassis/workers/thread.ts'),
      tasks: fromHere('../support/tasks/ways-to-end.ts'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: folder,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  })
  const { startPool }: typeof Pool = await import(pathToFileURL(join(folder, 'main.js')).href)
  await using pool = await startPool({ tasks: pathToFileURL(join(folder, 'tasks.js')), workers: 1, queueLimit: 1 })
  const { signal } = new AbortController()
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
  const thrown = await pool.run({ task: 'throwCallError', input: 'number', signal }).catch((error: unknown) => error)
  // The bundle has a class of its own.
  assert.ok(thrown instanceof Error && !(thrown instanceof CallError) && 'code' in thrown)
  assert.deepEqual([thrown.code, thrown.message], ['invalid_argument', 'number: must be odd'])
})
