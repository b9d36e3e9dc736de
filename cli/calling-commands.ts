import type { Command } from 'commander'
import { checkCommand } from './check.ts'
import { drainEnvoyCommand } from './drain-envoy.ts'
import { factorizeCommand } from './factorize.ts'
import { healthCommand } from './health.ts'
import { listCommand } from './list.ts'
import { spreadCommand } from './spread.ts'

/** The subcommands for who calls or runs beside Envoy, in the order of the help: they need neither workers nor the source tree. */
export const callingCommands: readonly (() => Command)[] = [
  checkCommand,
  factorizeCommand,
  listCommand,
  healthCommand,
  spreadCommand,
  drainEnvoyCommand,
]
