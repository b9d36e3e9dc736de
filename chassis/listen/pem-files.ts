import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

/** A certificate and its private key, as TLS takes them. */
export interface Pair {
  cert: Buffer
  key: Buffer
}

/** Reads a certificate chain and its key in PEM. Rejects, with the file that is wrong, when they cannot be used together. */
export async function readPair(certificate: string, privateKey: string): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(certificate), readFile(privateKey)])
  const parsed = readAs(certificate, 'a certificate', () => new X509Certificate(cert))
  if (!parsed.checkPrivateKey(readAs(privateKey, 'a private key', () => createPrivateKey(key)))) {
    throw new Error(`${privateKey}: is not the private key of ${certificate}`)
  }
  return usable({ cert, key })
}

/** Reads authorities in PEM. Rejects, with the file, when it holds none. */
export async function readAuthorities(file: string): Promise<Buffer> {
  const ca = await readFile(file)
  // Node takes a file without certificates for no authority at all, and would refuse everyone.
  readAs(file, 'a certificate', () => new X509Certificate(ca))
  usable({ ca })
  return ca
}

/** Throws for what is broken further on in a file, such as the second certificate of a chain. */
function usable<Pems extends { cert?: Buffer; key?: Buffer; ca?: Buffer }>(pems: Pems): Pems {
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
