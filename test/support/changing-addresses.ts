import { experimental } from '@grpc/grpc-js'
import type { Endpoint } from '../../envoy/endpoints.ts'

/** A target whose addresses a test changes. */
export interface ChangingAddresses {
  target: string
  /** How often channels asked for the addresses. */
  readonly lookups: number
  /** Tells every channel there is. */
  set(endpoints: readonly Endpoint[]): void
}

const scheme = 'changing'
interface List {
  now: readonly Endpoint[]
  lookups: number
  listeners: Set<(endpoints: readonly Endpoint[]) => void>
}

const lists = new Map<string, List>()

/** A target for grpc-js that begins with these addresses. */
export function changingAddresses(endpoints: readonly Endpoint[]): ChangingAddresses {
  experimental.registerResolver(scheme, ListResolver)
  const name = String(lists.size)
  const list: List = { now: endpoints, lookups: 0, listeners: new Set() }
  lists.set(name, list)
  return {
    target: `${scheme}:${name}`,
    get lookups() {
      return list.lookups
    },
    set: (next) => {
      list.now = next
      for (const listener of list.listeners) listener(next)
    },
  }
}

class ListResolver implements experimental.Resolver {
  readonly #list: List | undefined
  readonly #tell: (endpoints: readonly Endpoint[]) => void

  constructor({ path }: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#list = lists.get(path)
    this.#tell = (endpoints) => {
      const found = endpoints.map(({ address: host, port }) => ({ addresses: [{ host, port }] }))
      listener(experimental.statusOrFromValue(found), {}, null, '')
    }
    this.#list?.listeners.add(this.#tell)
  }

  static getDefaultAuthority(): string {
    return 'localhost'
  }

  updateResolution(): void {
    setImmediate(() => {
      // It may have been destroyed meanwhile.
      if (!this.#list?.listeners.has(this.#tell)) return
      this.#list.lookups += 1
      this.#tell(this.#list.now)
    })
  }

  destroy(): void {
    this.#list?.listeners.delete(this.#tell)
  }
}
