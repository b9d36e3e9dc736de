import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** Connections of callers: `grpc` is what envoy.yaml calls what callers connect to. */
const connectionsStat = 'http.grpc.downstream_cx_active'

/** The admin interface of an Envoy, over one connection. By node:http: `fetch` would take 10 MB beside every Envoy. */
export class EnvoyAdmin implements Disposable {
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(address: string) {
    this.#address = address
  }

  /** Has Envoy send every caller away after its next answer, and listen no more after its drain time. */
  async drainListeners(signal: AbortSignal): Promise<void> {
    await this.#ask('POST', '/drain_listeners?graceful', signal)
  }

  /** How many connections callers have open. */
  async connections(signal: AbortSignal): Promise<number> {
    const stats = await this.#ask('GET', `/stats?filter=${connectionsStat}`, signal)
    const [, value] = new RegExp(`^${connectionsStat}: (\\d+)$`, 'm').exec(stats) ?? []
    if (value !== undefined) return Number(value)
    throw new Error(`Envoy at ${this.#address} has no ${connectionsStat}; its listener needs \`stat_prefix: grpc\``)
  }

  async #ask(method: string, path: string, signal: AbortSignal): Promise<string> {
    const asked = request(`http://${this.#address}${path}`, { method, agent: this.#agent, signal })
    try {
      const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
      const body = await text(answer)
      if (answer.statusCode === 200) return body
      throw new Error(`it answers ${answer.statusCode} to ${method} ${path}`)
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
      const message = `no Envoy to be drained at ${this.#address}: ${why}; --admin names its admin interface`
      throw new Error(message, { cause: error })
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
