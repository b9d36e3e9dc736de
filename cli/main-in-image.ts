import process from 'node:process'
import { callingCommands } from './calling-commands.ts'
import { controlPlaneStatusOnly } from './control-plane-status.ts'
import { runProgram } from './program.ts'

// What serves has images of its own: here is what calls, and what runs beside Envoy.
await runProgram(process, [...callingCommands, controlPlaneStatusOnly])
