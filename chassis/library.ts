/** What `evenkeel/chassis` offers to those who bring a workload of their own. Everything else may change with any version. */
export { type Config, readConfig } from './config.ts'
export { CallError, invalidArgument } from './errors.ts'
export { ConfigError } from './options.ts'
export { type RunOptions as RunServiceOptions, runService } from './run.ts'
export type { ProcessSurface } from './run-until-stopped.ts'
export { type ServeOptions, type Service, serve } from './serve.ts'
export { StatusError, type StatusErrorOptions } from './status-error.ts'
export { listenForStop, type Stop } from './stop.ts'
export {
  type CallContext,
  defineWorkload,
  moduleBeside,
  type RunOptions,
  type Task,
  type TaskContext,
  type Tasks,
  type Workload,
} from './workload.ts'
