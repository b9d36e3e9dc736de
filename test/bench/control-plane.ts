import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from '../../deploy/bundle.ts'
import { type Figure, type Part, parts } from './control-plane-figures.ts'
import { startFed } from './feed.ts'
import { pinProcess } from './pinning.ts'
import { type Row, shown } from './row.ts'

const run = promisify(execFile)

const serverCore = 1
const subscriberCore = 0

/**
 * How soon 100 subscribers have what changed, and what that costs: our control plane, bundled as for an image, and a server for
 * the same job on go-control-plane. They take turns on a core of their own; the subscribers have the other one. About 100 s.
 */
export async function controlPlaneBench({
  onProgress,
}: {
  onProgress: (done: number, total: number) => void
}): Promise<Row[]> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-bench-'))
  opened.defer(() => rm(folder, { recursive: true }))
  await bundle({ ports: [], main: resolve(import.meta.dirname, 'fed-control-plane.ts') }, join(folder, 'ours'))
  const ours = [process.execPath, join(folder, 'ours/main.mjs')]
  const peer = await buildPeer(join(folder, 'peer'))
  await pinProcess(process.pid, subscriberCore)
  const rows: Row[] = []
  for (const [done, part] of parts.entries()) {
    onProgress(done, parts.length)
    const figures = await measure(part, ours)
    const theirs = peer === undefined ? undefined : await measure(part, [peer])
    rows.push(...figures.map((figure, at) => ({ ...figure, peer: peerText(theirs?.[at]) })))
  }
  onProgress(parts.length, parts.length)
  return rows
}

async function measure(part: Part, command: readonly string[]): Promise<Figure[]> {
  await using server = await startFed(command, serverCore)
  return await part(server)
}

function peerText(figure: Figure | undefined): string | null {
  return figure ? `go-control-plane: ${shown(figure.value)} ${figure.unit}`.trimEnd() : null
}

/** The program in go-control-plane/; undefined, with a line that says what is missing, where it cannot be built. */
async function buildPeer(file: string): Promise<string | undefined> {
  try {
    await run('go', ['build', '-o', file, '.'], { cwd: resolve(import.meta.dirname, 'go-control-plane') })
    return file
  } catch (error) {
    const reason = (error as Error).message.trim().split('\n').at(-1)
    process.stderr.write(`go-control-plane is left out: ${reason}; install Go 1.26, with access to a module proxy\n`)
    return undefined
  }
}
