import process from 'node:process'
import { callingCommands } from './calling-commands.ts'
import { controlPlaneCommand } from './control-plane.ts'
import { endWithNpx } from './end-with-npx.ts'
import { runProgram } from './program.ts'
import { serveCommand } from './serve.ts'
import { upCommand } from './up.ts'

endWithNpx(process)

await runProgram(process, [serveCommand, controlPlaneCommand, upCommand, ...callingCommands])
