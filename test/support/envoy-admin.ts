import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a look finds: a number of connections, none that is counted, or an end of its own connection before any answer. */
type Look = number | 'missing' | 'reset'

/** An admin interface that has these found, one at each look, the last one for ever. It keeps what it was asked. */
export async function startAdmin(looks: readonly Look[]) {
  const asked: string[] = []
  let looked = 0
  const server = createServer(({ method, url }, answer) => {
    const { pathname, search } = new URL(url ?? '', 'http://admin')
    asked.push(`${method} ${pathname}${pathname === '/stats' ? '' : search}`)
    const look = looks[Math.min(looked, looks.length - 1)]
    if (pathname === '/stats') looked += 1
    if (pathname !== '/stats') answer.end('OK\n')
    else if (look === 'reset') answer.destroy()
    else answer.end(look === 'missing' ? '' : `http.grpc.downstream_cx_active: ${look}\n`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')),
  }
}
