import type { Socket } from 'node:net'
import type { Server as TlsServer, TLSSocket } from 'node:tls'
import { ServerCredentials } from '@grpc/grpc-js'
import { hasOneOf } from './client-names.ts'
import { lastingFault } from './lasting-fault.ts'
import { type Pair, readAuthorities, readPair } from './pem-files.ts'
import { peerOf, type Refused } from './refused-connection.ts'

/** Files in PEM. They are read again while the server runs, so a certificate that is renewed needs no restart. */
export interface TlsFiles {
  certificate: string
  privateKey: string
  /** Authorities of which callers need a certificate; without it any caller may connect. */
  clientAuthorities?: string | undefined
  /** Names of which that certificate needs one; without any, the authorities are enough. */
  clientNames?: readonly string[]
}

/** Who hears of files that cannot be taken, once while they stay so, and how often they are read again. */
export interface TlsOptions {
  fault: (problem: Error) => void
  /** 5000 unless said: certificates are renewed days before they end. */
  rereadMs?: number | undefined
}

/** As grpc-js has them; a new context of a listener keeps none of the former one. */
const ciphers = process.env['GRPC_SSL_CIPHER_SUITES']

/** TLS of one server, kept up to date. Disposing ends the reading, and connections that are still there. */
export interface Tls extends Disposable {
  credentials: ServerCredentials
  /**
   * For a listener of `credentials` before it takes its first connection: it takes renewed files, and closes before any call
   * whoever has no name of `clientNames`. `refused` hears of them, and of those who do not get so far.
   */
  protect(listener: TlsServer, refused: Refused): void
}

/**
 * Reads the files once, and then again every few seconds; a renewed pair counts for new connections. Rejects when the files cannot be
 * read or do not fit each other; later such files are told to `fault`, when two readings find them, and the last good ones stay.
 */
export async function startTls(files: TlsFiles, { fault, rereadMs = 5000 }: TlsOptions): Promise<Tls> {
  const listeners = new Set<TlsServer>()
  const sockets = new Set<Socket>()
  let current = await readFiles(files)
  const { ca, cert, key } = current
  const reread = async (): Promise<void> => {
    const next = await readFiles(files)
    if (same(next, current)) return
    for (const listener of listeners) listener.setSecureContext(next)
    current = next
  }
  const found = lastingFault(fault)
  const timer = setInterval(() => void reread().then(() => found(undefined), found), rereadMs).unref()
  return {
    credentials: ServerCredentials.createSsl(ca ?? null, [{ cert_chain: cert, private_key: key }], ca !== undefined),
    protect: (listener, refused) => {
      listeners.add(listener)
      listener.once('close', () => listeners.delete(listener))
      // They may have been renewed since the credentials were made.
      listener.setSecureContext(current)
      listener.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      admitNames(listener, files.clientNames ?? [], refused)
    },
    [Symbol.dispose]: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Stands before HTTP/2, which would answer calls that come with the end of the handshake. */
function admitNames(listener: TlsServer, names: readonly string[], refused: Refused): void {
  const admit = listener.listeners('secureConnection')
  listener.removeAllListeners('secureConnection')
  listener.on('secureConnection', (socket) => {
    const certificate = socket.getPeerX509Certificate()
    if (names.length === 0 || (certificate && hasOneOf(names, certificate))) {
      for (const each of admit) each.call(listener, socket)
      return
    }
    const has = certificate?.subjectAltName ?? 'no name'
    refused({
      ...peerOf(socket),
      reason: 'name',
      problem: `its certificate has ${has}, and none of ${names.join(', ')}`,
    })
    socket.destroy()
  })
  listener.on('tlsClientError', (error, socket: TLSSocket) => {
    // A certificate of other authorities is no error to Node, which closes and says why here only.
    const problem = String(socket.authorizationError ?? error.message)
    refused({ ...peerOf(socket), reason: 'handshake', problem })
  })
}

/** What a secure context is made of. */
interface Pems extends Pair {
  ciphers: string | undefined
  ca?: Buffer
}

async function readFiles({ certificate, privateKey, clientAuthorities }: TlsFiles): Promise<Pems> {
  const pair = { ...(await readPair(certificate, privateKey)), ciphers }
  return clientAuthorities === undefined ? pair : { ...pair, ca: await readAuthorities(clientAuthorities) }
}

function same(one: Pems, other: Pems): boolean {
  return (['cert', 'key', 'ca'] as const).every((part) => String(one[part]) === String(other[part]))
}
