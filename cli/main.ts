import process from 'node:process'
import { checkCommand } from './check.ts'
import { controlPlaneCommand } from './control-plane.ts'
import { drainEnvoyCommand } from './drain-envoy.ts'
import { endWithNpx } from './end-with-npx.ts'
import { factorizeCommand } from './factorize.ts'
import { healthCommand } from './health.ts'
import { listCommand } from './list.ts'
import { runProgram } from './program.ts'
import { serveCommand } from './serve.ts'
import { spreadCommand } from './spread.ts'
import { upCommand } from './up.ts'

endWithNpx(process)

await runProgram(process, [
  serveCommand,
  controlPlaneCommand,
  upCommand,
  checkCommand,
  factorizeCommand,
  listCommand,
  healthCommand,
  spreadCommand,
  drainEnvoyCommand,
])
