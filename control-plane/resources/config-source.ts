import { ApiVersion, ConfigSource } from '../../gen/xds/envoy/config/core/v3/config_source.ts'

/** "From the stream that this came by": grpc-js takes no other source. */
export const fromThisServer: ConfigSource = ConfigSource.create({
  resourceApiVersion: ApiVersion.V3,
  configSourceSpecifier: { $case: 'ads', value: {} },
})
