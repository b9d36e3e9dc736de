import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { Server as NetServer } from 'node:net'
import type { HardenedServer } from './hardened-server.ts'

/** How long a peer may take to confirm that it has seen the first GOAWAY. A round trip is enough for a live one. */
const confirmMs = 1000

/**
 * Tells every connection to leave without losing a call: stops listening, says GOAWAY with the highest stream id ("open no
 * new streams"), waits until each peer has confirmed it by a PING, and only then closes, so that no stream on its way is
 * refused. RFC 9113 section 6.8 asks for these two steps; grpc-js alone sends both at once. Calls that run go on, and a
 * connection is gone when its last one has ended.
 */
export async function leave({ listeners, sessions }: HardenedServer): Promise<void> {
  // Not http2's own close(), which would close the sessions as well.
  for (const listener of listeners) {
    NetServer.prototype.close.call(listener)
    // Whose handshake ends only now; it has opened nothing yet.
    listener.on('session', (session) => session.close())
  }
  await Promise.all([...sessions].map(([session, streams]) => announceLeave(session, streams)))
  for (const session of sessions.keys()) session.close()
}

/** Cuts whatever is still open. grpc-js' own forceShutdown knows its connections only with channelz on. */
export function closeNow({ server, sessions }: HardenedServer): void {
  server.forceShutdown()
  for (const session of sessions.keys()) session.destroy()
}

/** Sends the first GOAWAY; resolves when the peer has seen it, has no calls any more, or has been silent for a second. */
function announceLeave(session: ServerHttp2Session, streams: ReadonlySet<ServerHttp2Stream>): Promise<void> {
  // Node stops reading a connection that was told GOAWAY and has no streams: a confirmation would never be read. Closing it
  // at once names the last stream seen, so a caller knows that one on its way was not begun and may be repeated.
  if (session.closed || session.destroyed || streams.size === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, confirmMs)
    session.once('close', done)
    for (const stream of streams) stream.once('close', () => streams.size === 0 && done())
    session.goaway(constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1)
    if (!session.ping(done)) done()
  })
}
