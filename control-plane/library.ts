/** What `evenkeel/control-plane` offers to those who run it in a process of their own, or bring another source of endpoints. */
export { type ControlPlaneConfig, readControlPlaneConfig } from './config.ts'
export { type RunControlPlaneOptions, runControlPlane } from './run.ts'
export { type ControlPlane, type ControlPlaneParts, serveControlPlane } from './serve.ts'
export { sourceFrom } from './sources/from-name.ts'
export { mergeSources } from './sources/merge-sources.ts'
export type { Endpoint, EndpointState, Services, Source, SourceListener } from './sources/source.ts'
