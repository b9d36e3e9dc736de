import { experimental } from '@grpc/grpc-js'
import type { Endpoint } from '../../envoy/endpoints.ts'

/** A target whose addresses a test changes. */
export interface ChangingAddresses {
  target: string
  /** Tells every channel there is. */
  set(endpoints: readonly Endpoint[]): void
}

const scheme = 'changing'
const lists = new Map<string, { now: readonly Endpoint[]; listeners: Set<(endpoints: readonly Endpoint[]) => void> }>()

/** A target for grpc-js that begins with these addresses. */
export function changingAddresses(endpoints: readonly Endpoint[]): ChangingAddresses {
  experimental.registerResolver(scheme, ListResolver)
  const name = String(lists.size)
  const list = { now: endpoints, listeners: new Set<(endpoints: readonly Endpoint[]) => void>() }
  lists.set(name, list)
  return {
    target: `${scheme}:${name}`,
    set: (next) => {
      list.now = next
      for (const listener of list.listeners) listener(next)
    },
  }
}

class ListResolver implements experimental.Resolver {
  readonly #name: string
  readonly #tell: (endpoints: readonly Endpoint[]) => void

  constructor({ path }: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#name = path
    this.#tell = (endpoints) => {
      const found = endpoints.map(({ address: host, port }) => ({ addresses: [{ host, port }] }))
      listener(experimental.statusOrFromValue(found), {}, null, '')
    }
    lists.get(path)?.listeners.add(this.#tell)
  }

  static getDefaultAuthority(): string {
    return 'localhost'
  }

  updateResolution(): void {
    setImmediate(() => this.#tell(lists.get(this.#name)?.now ?? []))
  }

  destroy(): void {
    lists.get(this.#name)?.listeners.delete(this.#tell)
  }
}
