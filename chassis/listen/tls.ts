import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type Server as TlsServer } from 'node:tls'
import { ServerCredentials } from '@grpc/grpc-js'

/** Files in PEM. They are read again while the server runs, so a certificate that is renewed needs no restart. */
export interface TlsFiles {
  certificate: string
  privateKey: string
  /** Authorities of which callers need a certificate; without it any caller may connect. */
  clientAuthorities?: string | undefined
}

/** Who hears of files that cannot be taken, and how often they are read again. */
export interface TlsOptions {
  fault: (problem: Error) => void
  /** 5000 unless said: certificates are renewed days before they end. */
  rereadMs?: number | undefined
}

/** TLS of one server, kept up to date. Disposing ends the reading. */
export interface Tls extends Disposable {
  credentials: ServerCredentials
  /** From now on this listener takes renewed files. */
  keepCurrent(listener: TlsServer): void
}

/**
 * Reads the files once, and then again every few seconds; a renewed pair counts for new connections. Rejects when the files cannot be
 * read or do not fit each other; later such files are told to `fault` and the last good ones stay.
 */
export async function startTls(files: TlsFiles, { fault, rereadMs = 5000 }: TlsOptions): Promise<Tls> {
  const listeners = new Set<TlsServer>()
  let current = await readFiles(files)
  const { ca, cert, key } = current
  const reread = async (): Promise<void> => {
    const next = await readFiles(files)
    if (same(next, current)) return
    for (const listener of listeners) listener.setSecureContext(next)
    current = next
  }
  const timer = setInterval(() => void reread().catch(fault), rereadMs).unref()
  return {
    credentials: ServerCredentials.createSsl(ca ?? null, [{ cert_chain: cert, private_key: key }], ca !== undefined),
    keepCurrent: (listener) => {
      listeners.add(listener)
      // They may have been renewed since the credentials were made.
      listener.setSecureContext(current)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** What a secure context is made of. */
interface Pems {
  cert: Buffer
  key: Buffer
  ca?: Buffer
}

async function readFiles({ certificate, privateKey, clientAuthorities }: TlsFiles): Promise<Pems> {
  const [cert, key] = await Promise.all([readFile(certificate), readFile(privateKey)])
  const parsed = readAs(certificate, 'a certificate', () => new X509Certificate(cert))
  if (!parsed.checkPrivateKey(readAs(privateKey, 'a private key', () => createPrivateKey(key)))) {
    throw new Error(`${privateKey}: is not the private key of ${certificate}`)
  }
  if (clientAuthorities === undefined) return usable({ cert, key })
  const ca = await readFile(clientAuthorities)
  // Node takes a file without certificates for no authority at all, and would refuse every caller.
  readAs(clientAuthorities, 'a certificate', () => new X509Certificate(ca))
  return usable({ cert, key, ca })
}

/** Throws for what is broken further on in a file, such as the second certificate of a chain. */
function usable(pems: Pems): Pems {
  createSecureContext(pems)
  return pems
}

function readAs<Parsed>(file: string, kind: string, parse: () => Parsed): Parsed {
  try {
    return parse()
  } catch (cause) {
    throw new Error(`${file}: does not begin with ${kind} in PEM`, { cause })
  }
}

function same(one: Pems, other: Pems): boolean {
  return (['cert', 'key', 'ca'] as const).every((part) => String(one[part]) === String(other[part]))
}
