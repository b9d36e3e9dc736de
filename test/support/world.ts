import { Snapshot, type SnapshotSettings } from '../../control-plane/snapshot.ts'
import type { Endpoint, Services } from '../../control-plane/sources/source.ts'

/** The settings of a snapshot unless a test says otherwise. */
export const plainSettings: SnapshotSettings = {
  balancing: 'least_request_full_scan',
  idempotent: false,
  zones: 'ignore',
}

/** A ready endpoint at `ADDRESS:PORT` of IPv4. */
export function readyAt(place: string, zone?: string): Endpoint {
  const [address = '', port] = place.split(':')
  return { address, port: Number(port), state: 'ready', zone }
}

/** Services by name, each with ready endpoints at places such as `10.0.0.1:50051`. */
export function servicesAt(places: Readonly<Record<string, readonly string[]>>): Services {
  return new Map(Object.entries(places).map(([name, all]) => [name, all.map((place) => readyAt(place))]))
}

/** A snapshot of such services; what `previous` has already is not made again. */
export function snapshotOf(places: Readonly<Record<string, readonly string[]>>, previous?: Snapshot): Snapshot {
  return new Snapshot(servicesAt(places), plainSettings, previous)
}
