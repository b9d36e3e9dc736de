import { createHash } from 'node:crypto'
import { BinaryWriter } from '@bufbuild/protobuf/wire'

/** The types of resources that are served, by the names used in log lines and metrics. */
export const typeUrls = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
} as const

/** One of the types. */
export type ResourceType = keyof typeof typeUrls

/**
 * The order in which types are told, so that nothing names what is not there yet ("make before break").
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#eventual-consistency-considerations
 */
export const publishOrder: readonly ResourceType[] = ['cluster', 'endpoints', 'listener', 'route']

/** The type of a type URL; undefined for one that is not served. */
export function typeOf(typeUrl: string): ResourceType | undefined {
  return publishOrder.find((type) => typeUrls[type] === typeUrl)
}

/** What one resource names: it may not be told before that. */
export interface Reference {
  type: ResourceType
  name: string
}

/**
 * One resource: encoded once, sent to every subscriber as the same bytes, never changed. Its version is a hash of its content, so
 * instances that know the same tell the same version.
 */
export class Resource {
  readonly type: ResourceType
  readonly name: string
  readonly version: string
  readonly references: readonly Reference[]
  readonly #value: Uint8Array
  #field: Buffer | undefined
  #deltaField: Buffer | undefined

  constructor(type: ResourceType, name: string, { value, references = [] }: ResourceContent) {
    this.type = type
    this.name = name
    this.references = references
    this.version = hashOf(value)
    this.#value = value
  }

  /** Field `resources` of a DiscoveryResponse, with its tag and length. */
  get stateOfTheWorldField(): Buffer {
    this.#field ??= Buffer.from(new BinaryWriter().uint32(fieldTag(2)).bytes(this.#any()).finish())
    return this.#field
  }

  /** Field `resources` of a DeltaDiscoveryResponse, with its tag and length. */
  get deltaField(): Buffer {
    this.#deltaField ??= Buffer.from(
      new BinaryWriter()
        .uint32(fieldTag(2))
        .fork()
        .uint32(fieldTag(1))
        .string(this.version)
        .uint32(fieldTag(2))
        .bytes(this.#any())
        .uint32(fieldTag(3))
        .string(this.name)
        .join()
        .finish(),
    )
    return this.#deltaField
  }

  #any(): Uint8Array {
    return new BinaryWriter()
      .uint32(fieldTag(1))
      .string(typeUrls[this.type])
      .uint32(fieldTag(2))
      .bytes(this.#value)
      .finish()
  }
}

/** All resources of one type, and a version that is derived from theirs. */
export interface ResourceSet {
  readonly version: string
  readonly byName: ReadonlyMap<string, Resource>
}

/** What a resource is made of. */
export interface ResourceContent {
  /** The encoded message. */
  value: Uint8Array
  references?: readonly Reference[]
}

/** The tag of a length-delimited field. */
export function fieldTag(field: number): number {
  return (field << 3) | 2
}

/** A short hash: 12 characters, 72 bits. */
export function hashOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 12)
}
