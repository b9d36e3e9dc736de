import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** A port of 127.0.0.1 that nobody has at this moment. */
export async function freePort(): Promise<number> {
  await using held = await hold({ host: '127.0.0.1', port: 0 })
  const { port } = held.server.address() as { port: number }
  return port
}

/**
 * Of the given addresses those that cannot be listened on, each with the reason. All are held at once, so a port that is given
 * twice is one of them; port 0 is always free.
 */
export async function takenPorts<Address extends { host: string; port: number }>(
  addresses: readonly Address[],
): Promise<{ address: Address; reason: string }[]> {
  await using stack = new AsyncDisposableStack()
  const taken: { address: Address; reason: string }[] = []
  for (const address of addresses) {
    try {
      stack.use(await hold(address))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      taken.push({ address, reason: code === 'EADDRINUSE' ? 'taken' : `not to be had (${code})` })
    }
  }
  return taken
}

/** Binding is the only sure test: an Envoy that shares its port accepts connections for others as well. */
async function hold({ host, port }: { host: string; port: number }): Promise<AsyncDisposable & { server: Server }> {
  const server = createServer().listen({ host, port, exclusive: true })
  await once(server, 'listening')
  return { server, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) }
}
