import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where a program is: in PATH or where `go install` puts programs; undefined when it is not there. */
export function findProgram(name: string): string | undefined {
  const goPath = process.env['GOPATH'] ?? join(homedir(), 'go')
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(goPath, 'bin')]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}
