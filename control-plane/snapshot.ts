import { eligibleEndpoints } from './eligible.ts'
import type { BalancingPolicy } from './resources/balancing.ts'
import { clusterResource } from './resources/cluster.ts'
import { endpointsResource } from './resources/endpoints.ts'
import { listenerResource } from './resources/listener.ts'
import { missingReferences } from './resources/missing-references.ts'
import { hashOf, type Resource, type ResourceSet, type ResourceType } from './resources/resource.ts'
import { routeResource } from './resources/route.ts'
import type { Endpoint, Services } from './sources/source.ts'

/** What the resources are made with, the same for all services. */
export interface SnapshotSettings {
  balancing: BalancingPolicy
  /** Calls that a crashed replica held may be repeated. */
  idempotent: boolean
  /** `prefer`: a subscriber is told the endpoints of its own zone first. */
  zones: 'ignore' | 'prefer'
}

/**
 * What is true at one moment, as resources; never changed. Resources of services that did not change are those of the snapshot
 * before, so nothing is encoded twice. Throws when one resource names another that is not there.
 */
export class Snapshot {
  readonly services: Services
  readonly #sets: Record<Exclude<ResourceType, 'endpoints'>, ResourceSet>
  /** Endpoints by the zone they are sorted for; made when a subscriber of that zone asks. */
  readonly #endpoints = new Map<string | undefined, ResourceSet>()
  /** Zones that hold an endpoint: a subscriber can be from anywhere, and say that it is from everywhere. */
  readonly #zones: ReadonlySet<string | undefined>
  #previous: Snapshot | undefined

  constructor(services: Services, settings: SnapshotSettings, previous?: Snapshot) {
    this.services = services
    this.#previous = previous
    this.#zones = new Set(settings.zones === 'prefer' ? [...services.values()].flat().map(({ zone }) => zone) : [])
    const sets = (type: Exclude<ResourceType, 'endpoints'>, make: (service: string) => Resource): ResourceSet =>
      setOf([...services.keys()], (service) => previous?.of(type).byName.get(service) ?? make(service))
    this.#sets = {
      cluster: sets('cluster', (service) => clusterResource(service, settings.balancing)),
      route: sets('route', (service) => routeResource(service, settings.idempotent)),
      listener: sets('listener', listenerResource),
    }
    // Zones that were asked for once are kept up, so that an update costs a subscriber nothing.
    if (previous) for (const zone of previous.#endpoints.keys()) this.of('endpoints', zone)
    const [problem] = missingReferences((type) => this.of(type))
    if (problem !== undefined) throw new Error(`inconsistent snapshot: ${problem}`)
    // Kept only until here: a chain of snapshots would keep all there ever were.
    this.#previous = undefined
  }

  /** The resources of one type, for a subscriber in `zone`. */
  of(type: ResourceType, zone?: string): ResourceSet {
    if (type !== 'endpoints') return this.#sets[type]
    const key = zone && this.#zones.has(zone) ? zone : undefined
    let set = this.#endpoints.get(key)
    if (!set) {
      set = setOf([...this.services.keys()], (service) => this.#endpointsOf(service, key))
      this.#endpoints.set(key, set)
    }
    return set
  }

  #endpointsOf(service: string, zone: string | undefined): Resource {
    const endpoints = this.services.get(service) as readonly Endpoint[]
    const previous = this.#previous
    const same = previous !== undefined && previous.services.get(service) === endpoints
    const known = same ? previous.#endpoints.get(zone)?.byName.get(service) : undefined
    return known ?? endpointsResource(service, eligibleEndpoints(endpoints), zone)
  }
}

function setOf(names: readonly string[], resourceOf: (name: string) => Resource): ResourceSet {
  const resources = names.toSorted().map(resourceOf)
  return {
    version: hashOf(resources.map(({ name, version }) => `${name} ${version}\n`).join('')),
    byName: new Map(resources.map((resource) => [resource.name, resource])),
  }
}
