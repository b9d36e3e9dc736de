import type { ServiceSource } from './service-source.ts'
import type { Endpoint, Services, Source, SourceListener } from './source.ts'
import { Teller } from './teller.ts'

/**
 * Several sources as one. Nothing is told before each has told what is true: a service that is missing would be taken away from
 * proxies that have it from before. A service belongs to one source: throws where two are known to have the same; where that shows
 * later it is a fault, and the service stays with the source that had it.
 */
export function mergeSources(sources: readonly (Source | ServiceSource)[]): Source {
  refuseTwins(sources)
  const [only] = sources
  if (only !== undefined && sources.length === 1) return only
  const name = sources.map((source) => source.name).join(' + ')
  return {
    name,
    follow: async (listener, signal) => {
      const merged = new Merged(sources, new Teller(listener))
      await Promise.all(sources.map((source) => source.follow(merged.listenerOf(source), signal)))
    },
  }
}

function refuseTwins(sources: readonly (Source | ServiceSource)[]): void {
  const owners = new Map<string, Source>()
  for (const source of sources) {
    if (!('service' in source)) continue
    const other = owners.get(source.service)
    if (other !== undefined) throw new Error(`${other.name} and ${source.name} both have ${source.service}; ${remedy}`)
    owners.set(source.service, source)
  }
}

const remedy = 'give one another name, as NAME= before it'

/** What one `follow` of several sources holds. */
class Merged {
  readonly #teller: Teller
  /** What each source told last, in the order of the sources; undefined before it told something. */
  readonly #told: Map<Source, Services | undefined>
  /** Sources that told a fault and did not recover. */
  readonly #faulty = new Set<Source>()
  /** Which source a service belongs to. */
  #owners = new Map<string, Source>()
  /** That sources have the same service, as it was told last. */
  #twins: string | undefined

  constructor(sources: readonly Source[], teller: Teller) {
    this.#told = new Map(sources.map((source) => [source, undefined]))
    this.#teller = teller
  }

  listenerOf(source: Source): SourceListener {
    return {
      update: (services) => {
        this.#told.set(source, services)
        this.#tell()
      },
      fault: (problem) => {
        this.#faulty.add(source)
        this.#teller.fault(problem)
      },
      recovered: () => {
        this.#faulty.delete(source)
        this.#recovered()
      },
    }
  }

  #tell(): void {
    const told = [...this.#told].filter((entry): entry is [Source, Services] => entry[1] !== undefined)
    if (told.length < this.#told.size) return
    const { services, twins } = this.#joined(told)
    this.#teller.update(services)
    if (twins !== undefined && twins !== this.#twins) this.#teller.fault(new Error(twins))
    this.#twins = twins
    this.#recovered()
  }

  #recovered(): void {
    if (this.#faulty.size === 0 && this.#twins === undefined) this.#teller.recovered()
  }

  #joined(told: readonly [Source, Services][]): { services: Services; twins: string | undefined } {
    const services = new Map<string, readonly Endpoint[]>()
    const owners = new Map<string, Source>()
    const twins: string[] = []
    for (const [source, itsServices] of told) {
      for (const [service, endpoints] of itsServices) {
        const other = owners.get(service)
        if (other !== undefined) twins.push(`${other.name} and ${source.name} both have ${service}`)
        if (other !== undefined && this.#owners.get(service) !== source) continue
        owners.set(service, source)
        services.set(service, endpoints)
      }
    }
    this.#owners = owners
    return { services, twins: twins.length === 0 ? undefined : `${twins.join('; ')}; ${remedy}` }
  }
}
