import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The root of the repository. */
export const root = resolve(import.meta.dirname, '../..')

/** Paths, from the root, of all files that git tracks or would track, sorted; deleted ones left out. */
export function treeFiles(): string[] {
  const git = (...args: string[]): string[] =>
    execFileSync('git', ['ls-files', '-z', ...args], { cwd: root, encoding: 'utf8' }).split('\0')
  const deleted = new Set(git('--deleted'))
  const files = git('--cached', '--others', '--exclude-standard').filter((file) => file !== '' && !deleted.has(file))
  return [...new Set(files)].toSorted()
}

/** Paths of all folders that hold one of these files, at any depth, the root left out. */
export function foldersOf(files: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const file of files) {
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].toSorted()
}

/** The text of a file of the tree. */
export function readTree(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
