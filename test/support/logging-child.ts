import process from 'node:process'
import { createLogger } from '../../chassis/telemetry/logger.ts'

// Logs as many numbered lines as its argument says, flushes, and ends at once.
const sink = createLogger({ level: 'info', pod: 'p', process: '0', workload: 'test' })
for (let line = 0; line < Number(process.argv[2]); line += 1) sink.logger.info({ line }, 'numbered')
await sink.flush()
process.exit(0)
