import type { RecordWithTtl } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { AddressType } from '../address-type.ts'

/** Which resolver is asked, and how long. */
export interface QueryOptions {
  /** `address:port` of name servers; the system's unless given. */
  servers?: readonly string[]
  /** How long one attempt waits, in ms. Default 2000. */
  timeoutMs?: number
  /** Attempts for each question. Default 2: one lost packet is no fault. */
  tries?: number
}

/** What stands for a name in the DNS. */
export interface Answer {
  addresses: readonly string[]
  /** How long it holds, in seconds: the shortest of its records. */
  ttlSeconds: number
}

/** Asks the DNS for addresses. Holds no socket between questions. */
export class Query {
  readonly #resolver: Resolver
  readonly #families: readonly (4 | 6)[]

  constructor(addressType: AddressType, { servers, timeoutMs = 2000, tries = 2 }: QueryOptions = {}) {
    this.#resolver = new Resolver({ timeout: timeoutMs, tries })
    if (servers !== undefined) this.#resolver.setServers(servers)
    this.#families = addressType === 'any' ? [4, 6] : [addressType === 'ipv4' ? 4 : 6]
  }

  /**
   * The addresses of the first of `names` that has some; an empty answer where the DNS says that none has. Rejects where it does
   * not answer: the families and names after that one are not asked, for they would be an answer to another question.
   */
  async addressesOf(names: readonly string[]): Promise<Answer & { name: string | undefined }> {
    for (const name of names) {
      for (const family of this.#families) {
        const records = await this.#records(name, family)
        if (records.length === 0) continue
        const addresses = records.map(({ address }) => address)
        return { name, addresses, ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)) }
      }
    }
    return { name: undefined, addresses: [], ttlSeconds: 0 }
  }

  /** Rejects what is asked now. */
  cancel(): void {
    this.#resolver.cancel()
  }

  async #records(name: string, family: 4 | 6): Promise<RecordWithTtl[]> {
    try {
      return await (family === 4
        ? this.#resolver.resolve4(name, { ttl: true })
        : this.#resolver.resolve6(name, { ttl: true }))
    } catch (error) {
      if (isAbsence(error)) return []
      throw error
    }
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')
}
