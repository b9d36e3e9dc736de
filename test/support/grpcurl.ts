import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where grpcurl is: in PATH or where `go install` puts it; undefined when it is not there. */
export function findGrpcurl(): string | undefined {
  const goPath = process.env['GOPATH'] ?? join(homedir(), 'go')
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(goPath, 'bin')]
  return folders.map((folder) => join(folder, 'grpcurl')).find((file) => existsSync(file))
}
