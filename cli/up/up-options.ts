import type { BalancingPolicy } from '../../envoy/config.ts'
import type { CommandRun } from '../run-command.ts'

/** What `evenkeel up` is told. */
export interface UpOptions {
  replicas: number
  workload: string
  workers?: number
  front: 'envoy' | 'xds' | 'none'
  balancing: BalancingPolicy
  port: number
  readyPort: number
  adminPort: number
  controlPlanePort: number
  /** Origins of web pages that may call, instead of those of one's own machine. */
  allowedOrigin?: string[]
  /** False to go without the table at the start. */
  table: boolean
  /** Settings of every replica, as flags. */
  settings: string[]
}

/** What a fleet runs in. */
export interface Surroundings {
  run: CommandRun
  env: NodeJS.ProcessEnv
  stderr: NodeJS.WriteStream
}

/** Writes one line of a part of the fleet. */
export type Print = (name: string, line: string) => void
