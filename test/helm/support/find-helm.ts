import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { clusterCache } from '../../cluster/support/programs.ts'

const remedy = 'install Helm 4 into PATH, or have `npm run test:cluster` build it'

/** Where Helm 4 is: in PATH, or where the cluster tests have built it. Throws with what to do where it is in neither. */
export function findHelm(folders = foldersOfPrograms()): string {
  const programs = folders.map((folder) => join(folder, 'helm')).filter(isExecutable)
  const others: string[] = []
  for (const program of programs) {
    const version = versionOf(program)
    if (version.startsWith('v4.')) return program
    others.push(`${program} is ${version}`)
  }
  throw new Error(`${others.length === 0 ? 'there is no helm' : others.join(', ')}: ${remedy}`)
}

/** Why charts cannot be rendered here; undefined when they can. */
export function missingHelm(): string | undefined {
  try {
    findHelm()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function foldersOfPrograms(): string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), join(clusterCache, 'bin')]
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ['version', '--template', '{{.Version}}'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return stdout || 'of no version that it says'
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
