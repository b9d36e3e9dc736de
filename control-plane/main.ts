import process from 'node:process'
import { listenForStop } from '../chassis/stop.ts'

// Before anything that takes time to load: a signal that comes meanwhile must find somebody listening.
const stop = listenForStop(process)
const { runControlPlane } = await import('./run.ts')

// Log and telemetry are written by now; exporters of OpenTelemetry would hold the process for seconds.
process.exit(await runControlPlane({ argv: process.argv.slice(2), process, stop }))
