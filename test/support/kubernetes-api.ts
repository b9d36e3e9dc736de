import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Slice } from '../../control-plane/sources/kubernetes/slice.ts'

/** A request that came. */
export interface ApiRequest {
  verb: 'list' | 'watch'
  path: string
  query: Record<string, string>
  authorization: string | undefined
  atMs: number
}

/** A certificate for 127.0.0.1 that signs itself, and its key. */
export interface Certificate {
  cert: Buffer
  key: Buffer
}

/** What is done with a request in place of the usual. */
export type ApiAnswer = (response: ServerResponse, request: ApiRequest) => void

/**
 * An API server of Kubernetes as far as EndpointSlices need one: lists in pages, watches, versions that expire, and failures as a
 * test says. On 127.0.0.1, with TLS where it gets a certificate.
 */
export class KubernetesApi implements AsyncDisposable {
  readonly requests: ApiRequest[] = []
  /** Slices of one page, whatever limit was asked for. */
  pageSize = 100
  readonly #slices = new Map<string, Slice>()
  readonly #answers = { list: [] as ApiAnswer[], watch: [] as ApiAnswer[] }
  readonly #watches = new Set<ServerResponse>()
  readonly #heard = new EventEmitter()
  #history: { version: number; line: string }[] = []
  #version = 100
  #oldest = 0
  readonly #certificate: Certificate | undefined
  #server: Server | undefined
  #port = 0
  #folder = ''

  private constructor(certificate: Certificate | undefined) {
    this.#certificate = certificate
    this.#heard.setMaxListeners(0)
  }

  /** Starts one that knows no slices. */
  static async start(certificate?: Certificate): Promise<KubernetesApi> {
    const api = new KubernetesApi(certificate)
    await api.listen()
    api.#folder = await mkdtemp(join(tmpdir(), 'evenkeel-kubernetes-'))
    await api.writeToken('first')
    return api
  }

  /** Where it listens, on 127.0.0.1. */
  get port(): number {
    return this.#port
  }

  get kubeconfig(): string {
    return join(this.#folder, 'kubeconfig')
  }

  /** Listens, on the port of before if there was one. */
  async listen(): Promise<void> {
    const handle: RequestListener = (request, response) => this.#handle(request, response)
    this.#server = this.#certificate === undefined ? createServer(handle) : createTlsServer(this.#certificate, handle)
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Goes away with all connections. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  /** Has the kubeconfig give another token from now on. */
  async writeToken(token: string): Promise<void> {
    const cert = this.#certificate?.cert
    const cluster =
      cert === undefined
        ? { server: `http://127.0.0.1:${this.#port}`, 'insecure-skip-tls-verify': true }
        : { server: `https://127.0.0.1:${this.#port}`, 'certificate-authority-data': cert.toString('base64') }
    const config = {
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
      'current-context': 'test',
    }
    await writeFile(this.kubeconfig, JSON.stringify(config))
  }

  /** Adds a slice or puts it in the place of the one before. */
  put(slice: Slice): void {
    const type = this.#slices.has(slice.metadata.name) ? 'MODIFIED' : 'ADDED'
    this.#change(type, slice, () => this.#slices.set(slice.metadata.name, slice))
  }

  delete(name: string): void {
    const slice = this.#slices.get(name)
    if (slice !== undefined) this.#change('DELETED', slice, () => this.#slices.delete(name))
  }

  /** Tells the watches only that this version was reached. */
  bookmark(): void {
    const object = { kind: 'EndpointSlice', metadata: { resourceVersion: String(this.#version) } }
    this.send(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
  }

  /** Writes to all watches as it is. */
  send(text: string): void {
    for (const watch of this.#watches) watch.write(text)
  }

  /** Forgets what changed until now: a watch from before gets 410. */
  expire(): void {
    this.#oldest = this.#version
    this.#history = []
  }

  /** Ends all watches as a server does whose time is over. */
  endWatches(): void {
    for (const watch of this.#watches) watch.end()
    this.#watches.clear()
  }

  /** Breaks the connections of all watches. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.destroy()
    this.#watches.clear()
  }

  /** Answers the next requests of this kind in other ways, one by one. */
  answer(verb: ApiRequest['verb'], ...answers: ApiAnswer[]): void {
    this.#answers[verb].push(...answers)
  }

  /** The next request of this kind from now on. */
  async request(verb: ApiRequest['verb']): Promise<ApiRequest> {
    const [request] = await once(this.#heard, verb, { signal: AbortSignal.timeout(20_000) })
    return request as ApiRequest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
    await rm(this.#folder, { recursive: true })
  }

  #change(type: string, slice: Slice, apply: () => void): void {
    this.#version += 1
    const object = { ...slice, metadata: { ...slice.metadata, resourceVersion: String(this.#version) } }
    apply()
    const line = `${JSON.stringify({ type, object })}\n`
    this.#history.push({ version: this.#version, line })
    this.send(line)
  }

  #handle(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
    const request: ApiRequest = {
      verb: url.searchParams.has('watch') ? 'watch' : 'list',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization: incoming.headers.authorization,
      atMs: performance.now(),
    }
    this.requests.push(request)
    const answer = this.#answers[request.verb].shift() ?? (request.verb === 'list' ? this.#list : this.#watch)
    answer(response, request)
    this.#heard.emit(request.verb, request)
  }

  readonly #list: ApiAnswer = (response, { query }) => {
    const all = [...this.#slices.values()]
    const from = Number(query['continue'] ?? 0)
    const items = all.slice(from, from + this.pageSize)
    const rest = from + items.length < all.length ? { continue: String(from + items.length) } : {}
    const metadata = { resourceVersion: String(this.#version), ...rest }
    response.end(JSON.stringify({ kind: 'EndpointSliceList', metadata, items }))
  }

  readonly #watch: ApiAnswer = (response, { query }) => {
    const from = Number(query['resourceVersion'])
    if (from < this.#oldest) return refuse(410, 'too old resource version')(response, undefined as never)
    response.writeHead(200).flushHeaders()
    for (const { version, line } of this.#history) if (version > from) response.write(line)
    this.#watches.add(response)
    response.on('close', () => this.#watches.delete(response))
  }
}

/** Answers with a status, as the API server says it. */
export function refuse(code: number, message: string, headers: Record<string, string> = {}): ApiAnswer {
  return (response) => {
    response.writeHead(code, headers)
    response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, message }))
  }
}

/** Answers 200 with a text. */
export function say(text: string): ApiAnswer {
  return (response) => void response.end(text)
}

/** Never answers. */
export const hang: ApiAnswer = () => {}

/** Answers a watch with nothing, for ever. */
export const openOnly: ApiAnswer = (response) => response.writeHead(200).flushHeaders()

/** Ends a watch with an event of an error. */
export function endWithError(code: number, message: string): ApiAnswer {
  return say(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, message } })}\n`)
}
