import type { Config } from '../config.ts'
import type { LoadMeter } from '../load-report/load-meter.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { accessLogInterceptor } from './access-log.ts'
import { criticalityInterceptor } from './criticality.ts'
import { deadlineInterceptor } from './deadline.ts'
import { encodingInterceptor } from './encoding.ts'
import { errorStatusInterceptor } from './error-status.ts'
import type { InFlight } from './in-flight.ts'
import type { Interceptor } from './interceptor.ts'
import { loadInterceptor } from './load.ts'
import { metricsInterceptor } from './metrics.ts'
import { servedByInterceptor } from './served-by.ts'
import { tracingInterceptor } from './tracing.ts'

/** What the policies tell of calls. */
export interface Told {
  telemetry: Telemetry
  inFlight: InFlight
  load: LoadMeter
}

/**
 * What happens around every call, outermost first: headers pass from the first to the last, the status from the last to the
 * first. So a status is put right before anybody sees it, and a call counts as running until everything else is done.
 */
export function interceptorsOf(config: Config, { telemetry, inFlight, load }: Told): Interceptor[] {
  return [
    inFlight.interceptor,
    tracingInterceptor(telemetry.tracer),
    metricsInterceptor(telemetry.events.instruments),
    accessLogInterceptor({ logger: telemetry.logger, mode: config.accessLog }),
    loadInterceptor(load, config.loadTrailer),
    ...(config.servedBy ? [servedByInterceptor({ pod: config.podName, process: config.processName })] : []),
    errorStatusInterceptor(config.maxMessageBytes),
    criticalityInterceptor,
    encodingInterceptor,
    deadlineInterceptor({ defaultMs: config.defaultDeadlineMs, maxMs: config.maxDeadlineMs }),
  ]
}
