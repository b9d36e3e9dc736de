import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { copyText, firstWithTexts } from './licence-texts.ts'

const run = promisify(execFile)
/** The package of npm that has the Node of this platform, and its licence. */
const packed = `node-${process.platform}-${process.arch}`

/** Copies the licence of the Node at `program` to usr/share/licenses/node of `target`. Rejects with what to do when there is none. */
export async function copyNodeLicence(program: string, target: string): Promise<void> {
  const texts = await nodeLicenceBeside(program)
  const folder = join(target, 'usr/share/licenses/node')
  for (const text of texts) await copyText(text, join(folder, basename(text)))
  if (texts.length > 0) return
  try {
    await copyFromNpm(join(folder, 'LICENSE'))
  } catch (error) {
    const wanted = join(dirname(program), '../LICENSE')
    throw new Error(`the licence of Node is neither beside ${program} nor got by npm; put it at ${wanted}`, {
      cause: error,
    })
  }
}

/** The licence beside a Node, as archives of nodejs.org, the package `node` of npm and packages of Linux have it. */
export async function nodeLicenceBeside(program: string): Promise<string[]> {
  const home = join(dirname(program), '..')
  const places = ['.', join('node_modules', packed), join('..', packed), 'share/doc/nodejs', 'share/licenses/nodejs']
  return (await firstWithTexts(places.map((place) => join(home, place)))) ?? []
}

/** The package `node` installs the other one within itself; the next `npm install` removes that, and the text with it. */
async function copyFromNpm(target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-node-licence-'))
  try {
    const version = process.versions.node
    const settings = { cwd: folder, timeout: 120_000 }
    await run('npm', ['pack', '--silent', '--prefer-offline', `${packed}@${version}`], settings)
    const archive = `${packed}-${version}.tgz`
    await run('tar', ['--extract', '--gzip', '--file', archive, '--strip-components=1', 'package/LICENSE'], settings)
    await copyText(join(folder, 'LICENSE'), target)
  } finally {
    await rm(folder, { recursive: true })
  }
}
