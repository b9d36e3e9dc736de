import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import process from 'node:process'
import { buildImage } from '../../deploy/build-image.ts'
import { clusterImage, ownImages } from './support/images.ts'
import { loadImages } from './support/load-images.ts'
import { isOwnCluster, ownKubeconfig } from './support/own-cluster.ts'
import { runProgram } from './support/programs.ts'

const root = resolve(import.meta.dirname, '../..')
const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Readies a cluster and its images, then runs the levels of the tests that the command line names, or all. */
async function main(levels: readonly string[]): Promise<number> {
  const startedAtMs = performance.now()
  const seconds = (): string => `${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`
  if (!process.env['KUBECONFIG']) await bringUp()
  if (process.env['CLUSTER_IMAGES'] === undefined) await bringImages()
  say(`\ncluster and images are ready after ${seconds()}`)
  const code = await run(process.execPath, [resolve(root, 'test/run.ts'), ...levels])
  say(`all of it took ${seconds()}`)
  if (isOwnCluster()) say('The cluster stays up; test/cluster/kubernetes/down ends it.')
  return code
}

/** A cluster of our own, and what the making of images needs, on a bare Debian machine. */
async function bringUp(): Promise<void> {
  for (const script of ['.ci/install-docker', '.ci/install-tools', 'test/cluster/kubernetes/up']) {
    const code = await run(resolve(root, script), [])
    if (code !== 0) throw new Error(`${script} ended with ${code}; set KUBECONFIG to use another cluster`)
  }
  process.env['KUBECONFIG'] = ownKubeconfig
}

async function bringImages(): Promise<void> {
  for (const name of ownImages) {
    say(`image ${clusterImage(name)}`)
    await buildImage({ name, idempotent: true, tag: clusterImage(name), remark: () => undefined })
  }
  const foreign = clusterImage('foreign-go')
  say(`image ${foreign}`)
  await runProgram(resolve(root, 'examples/foreign-go/build-image.sh'), [foreign], { timeoutMs: 300_000 })
  await loadImages([...ownImages.map(clusterImage), foreign])
}

async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' })
  const [code] = await once(child, 'close')
  return (code as number | null) ?? 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (thrown) {
  say(`error: ${(thrown as Error).message}`)
  process.exitCode = 1
}
