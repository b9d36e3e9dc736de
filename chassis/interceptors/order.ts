import type { Config } from '../config.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { accessLogInterceptor } from './access-log.ts'
import { criticalityInterceptor } from './criticality.ts'
import { deadlineInterceptor } from './deadline.ts'
import { errorStatusInterceptor } from './error-status.ts'
import type { InFlight } from './in-flight.ts'
import type { Interceptor } from './interceptor.ts'
import { metricsInterceptor } from './metrics.ts'
import { servedByInterceptor } from './served-by.ts'
import { tracingInterceptor } from './tracing.ts'

/**
 * What happens around every call, outermost first: headers pass from the first to the last, the status from the last to the
 * first. So a status is put right before anybody sees it, and a call counts as running until everything else is done.
 */
export function interceptorsOf(config: Config, telemetry: Telemetry, inFlight: InFlight): Interceptor[] {
  return [
    inFlight.interceptor,
    tracingInterceptor(telemetry.tracer),
    metricsInterceptor(telemetry.events.instruments),
    accessLogInterceptor({ logger: telemetry.logger, mode: config.accessLog }),
    ...(config.servedBy ? [servedByInterceptor({ pod: config.podName, process: config.processName })] : []),
    errorStatusInterceptor(config.maxMessageBytes),
    criticalityInterceptor,
    deadlineInterceptor({ defaultMs: config.defaultDeadlineMs, maxMs: config.maxDeadlineMs }),
  ]
}
