import { HealthCheckRequest, HealthService } from '../../gen/health/v1/health.ts'
import { parseObject } from './described-work.ts'
import type { Work } from './work.ts'

/** The one method that every gRPC server of Kubernetes has, as `--call` names it: it needs no reflection. */
export const healthMethod = HealthService.check.path.slice(1)

/** Health checks. Throws a usage error when the request is no JSON object. */
export function healthWork(data: string): Work {
  const request = Buffer.from(HealthCheckRequest.encode(HealthCheckRequest.fromJSON(parseObject(data))).finish())
  return { path: HealthService.check.path, nextRequest: () => request }
}
