import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { cpuUsage, memoryUsage } from 'node:process'
import type { Meter } from '@opentelemetry/api'
import type { InstrumentsOf } from './instruments.ts'
import type { processMetrics } from './metric-table.ts'

type ProcessInstruments = InstrumentsOf<typeof processMetrics>

/** Every 20 ms a timer measures how late it is: 50 wake-ups a second, far below 1 ‰ of a core. */
const delayResolutionMs = 20

/** Reports memory, processor time, and how busy and how late the gRPC thread is. Costs nothing but a timer between readings. */
export function observeProcess(meter: Meter, instruments: ProcessInstruments): void {
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs })
  delay.enable()
  let utilization = performance.eventLoopUtilization()
  const { eventLoopDelay, eventLoopUtilization, memoryUsage: memory, cpuTime } = instruments
  meter.addBatchObservableCallback(
    (result) => {
      // The histogram holds the time from one timer to the next: a timer that is on time comes one resolution after the last.
      const lateNs = delay.percentile(99) - delayResolutionMs * 1e6
      result.observe(eventLoopDelay, Math.max(0, lateNs) / 1e9)
      delay.reset()
      const now = performance.eventLoopUtilization()
      result.observe(eventLoopUtilization, performance.eventLoopUtilization(now, utilization).utilization)
      utilization = now
      result.observe(memory, memoryUsage.rss())
      const cpu = cpuUsage()
      result.observe(cpuTime, cpu.user / 1e6, { 'cpu.mode': 'user' })
      result.observe(cpuTime, cpu.system / 1e6, { 'cpu.mode': 'system' })
    },
    [eventLoopDelay, eventLoopUtilization, memory, cpuTime],
  )
}
