import { experimental } from '@grpc/grpc-js'
import { LeastRequestBalancer } from './least-request.ts'
import { LeastRequestConfig, leastRequestName } from './least-request-config.ts'

/** Makes the policy `evenkeel_least_request` known to the grpc-js of this process. May be called more than once. */
export function registerLeastRequest(): void {
  if (experimental.isLoadBalancerNameRegistered(leastRequestName)) return
  experimental.registerLoadBalancerType(leastRequestName, LeastRequestBalancer, LeastRequestConfig)
}
