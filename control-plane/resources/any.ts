import type { Any } from '../../gen/xds/google/protobuf/any.ts'
import type { LoadBalancingPolicy_Policy } from '../../gen/xds/envoy/config/cluster/v3/cluster.ts'

/** How ts-proto writes a message. */
interface Encoder<Message> {
  encode(message: Message): { finish(): Uint8Array }
}

/** A message as google.protobuf.Any with its full type name, such as `envoy.config.cluster.v3.Cluster`. */
export function anyOf<Message>(typeName: string, encoder: Encoder<Message>, message: Message): Any {
  return { typeUrl: `type.googleapis.com/${typeName}`, value: Buffer.from(encoder.encode(message).finish()) }
}

/** One entry of a list of load-balancing policies. */
export function policyEntry(name: string, typedConfig: Any): LoadBalancingPolicy_Policy {
  return { typedExtensionConfig: { name, typedConfig } }
}
