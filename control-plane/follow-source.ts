import type { Lifecycle } from '../chassis/lifecycle.ts'
import type { AdsServer } from './ads/ads-server.ts'
import type { ControlPlaneEvents } from './events.ts'
import { mergeUpdates } from './merge-updates.ts'
import { Snapshot, type SnapshotSettings } from './snapshot.ts'
import type { Services, Source } from './sources/source.ts'

/** Where a source's word goes. */
export interface Followers {
  config: SnapshotSettings
  lifecycle: Lifecycle
  ads: AdsServer
  events: ControlPlaneEvents
}

/** Publishes what the source tells, merged; the first makes the instance serve. Disposing ends it. */
export function followSource(source: Source, { config, lifecycle, ads, events }: Followers): AsyncDisposable {
  let snapshot: Snapshot | undefined
  const ending = new AbortController()
  const publish = mergeUpdates((services: Services) => {
    try {
      snapshot = new Snapshot(services, config, snapshot)
    } catch (error) {
      // Such as a port that no message can hold: the instance goes on with what it knows.
      return events.publishFailed(error as Error)
    }
    ads.publish(snapshot)
    events.published(snapshot, ads.streams.length)
    if (lifecycle.state === 'starting') lifecycle.to('serving')
  })
  const following = source.follow(
    {
      update: publish,
      fault: (problem) => events.sourceFault(problem),
      recovered: () => events.sourceRecovered(),
    },
    ending.signal,
  )
  return {
    [Symbol.asyncDispose]: async () => {
      ending.abort()
      publish[Symbol.dispose]()
      await following
    },
  }
}
