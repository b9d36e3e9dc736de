import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js'
import { connectionOptions } from '../client/channel.ts'

/** How connections are secured. */
export interface ChannelSecurity {
  credentials: ChannelCredentials
  options: ChannelOptions
}

/** Where a service is, and how it is connected to: plaintext unless said. */
export interface ServiceSite {
  /** `host:port` or another target of gRPC. */
  target: string
  security?: ChannelSecurity | undefined
}

/** What a client of a service is made of: `new Client(...clientOf(site))`. */
export function clientOf({ target, security }: ServiceSite): [string, ChannelCredentials, ChannelOptions] {
  return [target, security?.credentials ?? credentials.createInsecure(), { ...connectionOptions, ...security?.options }]
}
