import process from 'node:process'
import { runService } from '../../chassis/run.ts'
import { hold } from './workload.ts'

// Log and telemetry are written by now; exporters of OpenTelemetry would hold the process for seconds.
process.exit(await runService(hold, { argv: process.argv.slice(2), process }))
