/** What `evenkeel/client` offers to callers in TypeScript. Everything else may change with any version. */
export { type BalancingPolicy, balancingPolicies } from './balancing/policy.ts'
export { registerLeastRequest } from './balancing/register-least-request.ts'
export { type ChannelSettings, channelOptions, openChannel } from './channel.ts'
export { type ResumableStream, resumeStream } from './resume-stream.ts'
export { type ServedBy, servedByOf } from './served-by.ts'
export { enableXds } from './xds.ts'
export { type XdsBootstrapOptions, xdsBootstrap } from './xds-bootstrap.ts'
