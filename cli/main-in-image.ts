import process from 'node:process'
import { checkCommand } from './check.ts'
import { controlPlaneStatusOnly } from './control-plane-status.ts'
import { drainEnvoyCommand } from './drain-envoy.ts'
import { factorizeCommand } from './factorize.ts'
import { healthCommand } from './health.ts'
import { listCommand } from './list.ts'
import { runProgram } from './program.ts'
import { spreadCommand } from './spread.ts'

// What serves has images of its own: here is what calls, and what runs beside Envoy.
await runProgram(process, [
  checkCommand,
  factorizeCommand,
  listCommand,
  healthCommand,
  spreadCommand,
  drainEnvoyCommand,
  controlPlaneStatusOnly,
])
