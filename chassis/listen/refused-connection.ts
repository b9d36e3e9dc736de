/**
 * Why a connection was closed: the most were open, TLS was not agreed on, the caller has no name of those that may, or, at any
 * time, it broke HTTP/2.
 */
export type RefusalReason = 'limit' | 'handshake' | 'name' | 'protocol'

/** A connection that was closed for what its caller did. */
export interface RefusedConnection {
  /** Address and port of the caller's end; `gone` where it had left before that could be asked. */
  peer: string
  /** The port that it wanted. */
  port: number
  reason: RefusalReason
  /** What was wrong, for whoever reads the log. */
  problem: string
}

/** Told of each connection that is refused. */
export type Refused = (connection: RefusedConnection) => void

/** Both ends of a connection as a refusal tells them. */
export function peerOf(ends: {
  remoteAddress?: string | undefined
  remotePort?: number | undefined
  localPort?: number | undefined
}): Pick<RefusedConnection, 'peer' | 'port'> {
  const { remoteAddress, remotePort, localPort = 0 } = ends
  return { peer: remoteAddress === undefined ? 'gone' : `${remoteAddress}:${remotePort}`, port: localPort }
}
