import { once } from 'node:events'
import { EventEmitter } from 'node:events'
import type { Endpoint, Services, Source, SourceListener } from '../../control-plane/sources/source.ts'

/** What a source told, in order. */
export type Told = { update: Record<string, string[]> } | { fault: string } | 'recovered'

/** A source that is followed, and everything it told. Disposing ends it and waits until it has ended. */
export class FollowedSource implements AsyncDisposable {
  readonly told: Told[] = []
  /** The maps of the updates as they were told. */
  readonly updates: Services[] = []
  readonly #changed = new EventEmitter()
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  #read = 0

  constructor(source: Source) {
    const listener: SourceListener = {
      update: (services) => {
        this.updates.push(services)
        this.#push({ update: readable(services) })
      },
      fault: (problem) => this.#push({ fault: problem.message }),
      recovered: () => this.#push('recovered'),
    }
    this.#ended = source.follow(listener, this.#stop.signal)
  }

  /** What the source told next, and was not asked for yet. */
  async next(): Promise<Told> {
    const deadline = AbortSignal.timeout(20_000)
    while (this.told.length === this.#read) await once(this.#changed, 'told', { signal: deadline })
    this.#read += 1
    return this.told[this.#read - 1] as Told
  }

  /** The next update; what else was told before is passed over. */
  async nextUpdate(): Promise<Record<string, string[]>> {
    const told = await this.#nextOf((one) => typeof one === 'object' && 'update' in one)
    return (told as { update: Record<string, string[]> }).update
  }

  /** The next fault, or the next that says `like`; what else was told before is passed over. */
  async nextFault(like = /^/): Promise<string> {
    const told = await this.#nextOf((one) => typeof one === 'object' && 'fault' in one && like.test(one.fault))
    return (told as { fault: string }).fault
  }

  /** Until the source recovered; what else was told before is passed over. */
  async recovered(): Promise<void> {
    await this.#nextOf((one) => one === 'recovered')
  }

  /** What was told last that is true. */
  get truth(): Record<string, string[]> {
    return readable(this.updates.at(-1) ?? new Map())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  async #nextOf(wanted: (told: Told) => boolean): Promise<Told> {
    for (;;) {
      const told = await this.next()
      if (wanted(told)) return told
    }
  }

  #push(told: Told): void {
    this.told.push(told)
    this.#changed.emit('told')
  }
}

/** `10.0.0.1:50051`, with state and zone where they are not the usual. */
function readable(services: Services): Record<string, string[]> {
  return Object.fromEntries([...services].map(([name, endpoints]) => [name, endpoints.map(text)]))
}

function text({ address, port, state, zone }: Endpoint): string {
  const host = address.includes(':') ? `[${address}]` : address
  return [`${host}:${port}`, state === 'ready' ? '' : ` ${state}`, zone === undefined ? '' : ` in ${zone}`].join('')
}
