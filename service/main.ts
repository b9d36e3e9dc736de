import process from 'node:process'
import { runService } from '../chassis/run.ts'
import { primes } from './primes/workload.ts'

// Log and telemetry are written by now; exporters of OpenTelemetry would hold the process for seconds.
process.exit(await runService(primes, { argv: process.argv.slice(2), process }))
