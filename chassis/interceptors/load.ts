import type { LoadMeter } from '../load-report/load-meter.ts'
import type { Hooks, Interceptor } from './interceptor.ts'

/** Where balancers look for a report of load, encoded as xds.data.orca.v3.OrcaLoadReport (gRFC A51). */
export const loadTrailer = 'endpoint-load-metrics-bin'

/** Has `meter` count the calls of the workload and, where `inTrailers`, says its report in the trailers of each. */
export function loadInterceptor(meter: LoadMeter, inTrailers: boolean): Interceptor {
  const hooks: Hooks = { ended: (status) => meter.ended(status) }
  if (inTrailers) hooks.answering = ({ metadata }) => metadata.set(loadTrailer, meter.bytes)
  return ({ origin }) => (origin === 'workload' ? hooks : undefined)
}
