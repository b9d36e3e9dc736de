import type { ResourceSet } from '../resources/resource.ts'
import type { Response, Sent } from './wire.ts'

/**
 * What one request meant.
 *
 * - `subscribe`: the first one of its type, or one that only changes what is wanted.
 * - `ack`: the last response was taken.
 * - `nack`: the last response was refused; the subscriber keeps what it had.
 * - `stale`: about a response before the last one; it says nothing new.
 */
export type Meaning = 'subscribe' | 'ack' | 'nack' | 'stale'

/** What one subscriber wants of one type, and what it has. One response is under way at most: what changes meanwhile waits, merged. */
export interface Subscription<Request> {
  /** Takes in a request. */
  receive(request: Request): Meaning
  /** The response that brings the subscriber to `resources`; undefined while the last one is unanswered or nothing is due. */
  respond(resources: ResourceSet): Response | undefined
  /** Names that were asked for; `*` for all there are. */
  readonly wanted: readonly string[]
  /** Versions that were sent, or that the subscriber said it has, by name. */
  readonly held: ReadonlyMap<string, string>
  /** The response under way, until it is answered. */
  readonly unanswered: Sent | undefined
}

/** Numbers responses; every stream has its own. */
export type Nonces = () => string

/** Stands for "all there are" in a list of names. https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return */
export const wildcard = '*'
