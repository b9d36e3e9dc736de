import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { needsEnvoy } from './envoy.ts'
import { eventually } from './eventually.ts'
import { findProgram } from './find-program.ts'

const program = findProgram('toxiproxy-server')
const remedy = 'there is no toxiproxy-server in PATH or where Go installs programs; .ci/install-tools brings it'
if (program === undefined && process.env['CI']) throw new Error(`the tests of networks need Toxiproxy: ${remedy}`)

/** Options of every test that needs Envoy and a network that fails; like `needsEnvoy`. */
export const needsNetwork = { ...needsEnvoy, skip: needsEnvoy.skip || (program === undefined && remedy) }

/** A network between programs, by Toxiproxy. Disposing ends it and all its connections. */
export interface Network extends AsyncDisposable {
  /** A way to a server, which does no harm until it is told to. Its connections end by FIN, or by RST where that is said. */
  linkTo(server: Endpoint, end?: 'FIN' | 'RST'): Promise<Link>
}

/** A way to a server, by an endpoint of its own. */
export interface Link {
  readonly endpoint: Endpoint
  /** `host:port` of it. */
  readonly target: string
  /** Ends all connections; new ones can be made at once. */
  disconnect(): Promise<void>
  /** Connections stay, and new ones are made, but no byte arrives any more, in neither direction. */
  stall(): Promise<void>
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>
  /** Answers take so much longer, in milliseconds. */
  delay(latencyMs: number): Promise<void>
  /** So many kilobytes of answers arrive in a second. */
  limit(kilobytesPerSecond: number): Promise<void>
  /** Each connection ends in the midst of its answers, after so many bytes of them. */
  breakAfter(bytes: number): Promise<void>
  /** Does no harm any more; connections that were stalled end. */
  heal(): Promise<void>
}

/** Starts one on a free port. */
export async function startNetwork(): Promise<Network> {
  if (program === undefined) throw new Error(remedy)
  const port = await freePort()
  const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const api = new Api(`http://127.0.0.1:${port}`)
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  try {
    await Promise.race([
      eventually(() => api.send('GET', '/version')),
      exited.then(([code]) => Promise.reject(new Error(`${program} ended with ${code} while it started`))),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { linkTo: (server, end) => linkTo(api, server, end), [Symbol.asyncDispose]: stop }
}

/** https://github.com/Shopify/toxiproxy#http-api */
class Api {
  readonly #url: string
  /** Of links, each of which has a name. */
  links = 0

  constructor(url: string) {
    this.#url = url
  }

  async send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const answer = await fetch(this.#url + path, { method, ...(body && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Toxiproxy said ${answer.status} to ${method} ${path}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

interface Toxic {
  type: string
  attributes: Record<string, number>
  /** The part of connections that it is for. */
  toxicity?: number
}

/** With this for no connection at all, each one is nevertheless set up to end by RST. */
const endByReset: Toxic = { type: 'reset_peer', attributes: { timeout: 0 }, toxicity: 0 }

async function linkTo(api: Api, { address, port }: Endpoint, end: 'FIN' | 'RST' = 'FIN'): Promise<Link> {
  const name = `link-${api.links++}`
  const proxy = { name, listen: '127.0.0.1:0', upstream: `${address}:${port}`, enabled: true }
  const { listen } = (await api.send('POST', '/proxies', proxy)) as { listen: string }
  const path = `/proxies/${name}`
  const present: string[] = []
  const add = async (stream: 'upstream' | 'downstream', toxic: Toxic): Promise<void> => {
    present.push(`${toxic.type}_${stream}`)
    await api.send('POST', `${path}/toxics`, { ...toxic, name: `${toxic.type}_${stream}`, stream })
  }
  const both = async (toxic: Toxic): Promise<void> => {
    await add('upstream', toxic)
    await add('downstream', toxic)
  }
  const enable = async (enabled: boolean): Promise<void> =>
    void (await api.send('POST', path, { ...proxy, listen, enabled }))
  if (end === 'RST') await both(endByReset)
  present.length = 0
  return {
    target: listen,
    endpoint: { address: '127.0.0.1', port: Number(listen.split(':')[1]) },
    disconnect: async () => {
      await enable(false)
      await enable(true)
    },
    stall: () => both({ type: 'timeout', attributes: { timeout: 0 } }),
    cut: () => enable(false),
    delay: (latency) => add('downstream', { type: 'latency', attributes: { latency } }),
    limit: (rate) => add('downstream', { type: 'bandwidth', attributes: { rate } }),
    breakAfter: (bytes) => add('downstream', { type: 'limit_data', attributes: { bytes } }),
    heal: async () => {
      for (const toxic of present.splice(0)) await api.send('DELETE', `${path}/toxics/${toxic}`)
      await enable(true)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await once(server.close(), 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
