import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { fieldTag, type Resource, type ResourceType, typeUrls } from '../resources/resource.ts'

/** What is remembered of a response while it is under way: not its bytes, of which a silent subscriber would hold the last ones. */
export interface Sent {
  type: ResourceType
  /** The version of the type that it brings the subscriber to. */
  version: string
  nonce: string
  /** Names of the resources in it, and of those it says are no more. */
  names: readonly string[]
}

/** One response to a subscriber, encoded. */
export interface Response extends Sent {
  bytes: Buffer
}

/** A response without its bytes. */
export function sentOf({ type, version, nonce, names }: Response): Sent {
  return { type, version, nonce, names }
}

/** What a response says. */
export interface ResponseContent {
  type: ResourceType
  version: string
  nonce: string
  resources: readonly Resource[]
  /** Names that are no more; delta only. */
  removed?: readonly string[]
}

/** Who we are, in every response: `control_plane.identifier`. */
const identifier = 'evenkeel'

/** A DiscoveryResponse around resources that are encoded already. Field numbers are those of discovery.proto. */
export function stateOfTheWorldResponse(content: ResponseContent): Response {
  const head = headOf(content)
  controlPlane(head, 6)
  return responseOf(content, [head.finish(), ...content.resources.map((each) => each.stateOfTheWorldField)])
}

/** A DeltaDiscoveryResponse, likewise. */
export function deltaResponse(content: ResponseContent): Response {
  const head = headOf(content)
  for (const name of content.removed ?? []) text(head, 6, name)
  controlPlane(head, 7)
  return responseOf(content, [head.finish(), ...content.resources.map((each) => each.deltaField)])
}

function responseOf({ type, version, nonce, resources, removed = [] }: ResponseContent, parts: Uint8Array[]): Response {
  return {
    type,
    version,
    nonce,
    names: [...resources.map(({ name }) => name), ...removed],
    bytes: Buffer.concat(parts),
  }
}

/** The fields that have the same numbers in both. */
function headOf({ type, version, nonce }: ResponseContent): BinaryWriter {
  return text(text(text(new BinaryWriter(), 1, version), 4, typeUrls[type]), 5, nonce)
}

function text(writer: BinaryWriter, field: number, value: string): BinaryWriter {
  return writer.uint32(fieldTag(field)).string(value)
}

function controlPlane(writer: BinaryWriter, field: number): void {
  text(writer.uint32(fieldTag(field)).fork(), 1, identifier).join()
}
