import { once } from 'node:events'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { type Asked, refusal } from './api-error.ts'
import { textOf } from './body.ts'

/** A request to read EndpointSlices. */
export interface SliceRequest extends Asked {
  query: Record<string, string | number | undefined>
  /** How long to wait for the beginning of an answer, in ms. */
  timeoutMs: number
  /** How long nothing may come after that, in ms. */
  idleMs: number
  signal: AbortSignal
}

/** Longest body of a refusal that is read, in characters; a longer one is not of the API server. */
const maxRefusalLength = 64 * 1024

/** The API server, and who we are to it. Holds no connection between requests. */
export class Api {
  readonly #config: KubeConfig
  readonly #server: string

  private constructor(config: KubeConfig, server: string) {
    this.#config = config
    this.#server = server
  }

  /**
   * Reads address and credentials anew: of `kubeconfig`, or of KUBECONFIG, ~/.kube/config, or the service account of a pod. The
   * client is loaded on demand, for it takes half a second and 85 MB.
   */
  static async open(kubeconfig?: string): Promise<Api> {
    const { KubeConfig } = await import('@kubernetes/client-node')
    const config = new KubeConfig()
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
    const server = config.getCurrentCluster()?.server
    // What the client makes up where it finds nothing.
    if (server === undefined || config.getCurrentContext() === 'loaded-context') {
      throw new Error('no Kubernetes is known here; run in a pod with a service account, or set KUBECONFIG')
    }
    return new Api(config, server)
  }

  /** The namespace that counts where none is named: the pod's own, or that of the context. */
  get namespace(): string {
    return this.#config.getContextObject(this.#config.getCurrentContext())?.namespace?.trim() || 'default'
  }

  /** Sends a request and returns the answer once it begins. Rejects with an `ApiError` where it is not 200. */
  async get(asked: SliceRequest): Promise<IncomingMessage> {
    const { query, timeoutMs, idleMs, signal } = asked
    const url = new URL(`${this.#server.replace(/\/$/, '')}${pathOf(asked.namespace)}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const options: RequestOptions = { signal, headers: { accept: 'application/json', 'user-agent': 'evenkeel' } }
    await this.#config.applyToHTTPSOptions(options)
    const response = await answerTo(url, options, timeoutMs)
    response.setEncoding('utf8')
    response.socket.setTimeout(idleMs, () => response.destroy(new Error(`nothing came for ${idleMs} ms`)))
    const { statusCode: status = 0, headers } = response
    if (status === 200) return response
    const body = await textOf(response, maxRefusalLength).catch(() => '')
    throw refusal({ status, headers, body }, asked)
  }
}

async function answerTo(url: URL, options: RequestOptions, timeoutMs: number): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options)
  // Once there is an answer, its reader learns of errors; the request repeats them.
  request.on('error', () => {})
  // A timeout of the socket would not cover names that do not resolve and addresses that do not answer.
  const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  } finally {
    clearTimeout(timer)
  }
}

function pathOf(namespace: string): string {
  return `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`
}
