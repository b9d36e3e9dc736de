import type { ChannelInterface } from '@grpc/grpc-js'

/** A call of grpc-js below its client class; the type is not exported. */
export type ChannelCall = ReturnType<ChannelInterface['createCall']>
