import { findProgram } from '../../support/find-program.ts'

/** The interoperability client and server of grpc-go: their folder keeps their names from being those of others. */
export type InteropProgram = 'client' | 'server'

/** Where one is. Throws where it is not there, with how to get it. */
export function findInterop(program: InteropProgram): string {
  const found = findProgram(`grpc-interop/${program}`)
  if (found !== undefined) return found
  const install = `GOBIN="$(go env GOPATH)/bin/grpc-interop" go install google.golang.org/grpc/interop/${program}@v1.83.1`
  throw new Error(`grpc-interop/${program} is missing: ${install}`)
}

/** Why the cases cannot run here; undefined when they can. */
export function missingInterop(): string | undefined {
  try {
    findInterop('client')
    findInterop('server')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
