import { status } from '@grpc/grpc-js'

/** `OK`, `RESOURCE_EXHAUSTED`, ...; the number itself for a status that gRPC does not define. */
export function statusName(code: number): string {
  return status[code] ?? String(code)
}
