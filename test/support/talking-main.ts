import process from 'node:process'
import { runService } from '../../chassis/run.ts'
import { hold } from '../../examples/hold/workload.ts'

// A line that looks like one of the log, and is none.
process.stdout.write('{"serving": soon\n')
process.exit(await runService(hold, { argv: process.argv.slice(2), process }))
