import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** Where Helm is: in PATH, or where the cluster tests have built it. Throws with what to do where it is in neither. */
export function findHelm(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), '.cache/evenkeel-cluster/bin')]
  const found = folders.map((folder) => join(folder, 'helm')).find(isExecutable)
  if (found === undefined) {
    throw new Error('there is no helm: install Helm 4 into PATH, or have `npm run test:cluster` build it')
  }
  return found
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

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
