import process from 'node:process'
import { runService } from '../../chassis/run.ts'
import { failingWorkload } from './failing-workload.ts'

// A replica whose workload fails, as a process of its own.
process.exit(await runService(failingWorkload, { argv: process.argv.slice(2), process }))
