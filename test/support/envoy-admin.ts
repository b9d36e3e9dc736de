import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An admin interface that says these numbers of connections, one at each look, the last one for ever. It keeps what it was asked. */
export async function startAdmin(counts: readonly number[], stat = 'http.grpc.downstream_cx_active') {
  const asked: string[] = []
  let looks = 0
  const server = createServer(({ method, url }, answer) => {
    const { pathname, search } = new URL(url ?? '', 'http://admin')
    asked.push(`${method} ${pathname}${pathname === '/stats' ? '' : search}`)
    if (pathname === '/stats') looks += 1
    answer.end(pathname === '/stats' ? `${stat}: ${counts[Math.min(looks, counts.length) - 1]}\n` : 'OK\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')),
  }
}
