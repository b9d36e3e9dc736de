import { type Server, ServerCredentials } from '@grpc/grpc-js'

/** Where a server listens. */
export interface BindAddress {
  host: string
  /** 0 takes any free one. */
  port: number
  /** Without TLS unless said. */
  credentials?: ServerCredentials | undefined
}

/** Binds and resolves to the port that was taken. Rejects with the address and what to do when it is not free. */
export function bind(server: Server, { host, port, credentials }: BindAddress): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials ?? ServerCredentials.createInsecure(), (error, bound) => {
      if (error)
        reject(new Error(`cannot listen on ${address}: ${error.message}; choose another port or stop what has it`))
      else resolve(bound)
    })
  })
}
