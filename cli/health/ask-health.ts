import { Metadata, status } from '@grpc/grpc-js'
import { isCallFailure } from '../../client/call-failure.ts'
import {
  HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthClient,
  healthCheckResponse_ServingStatusToJSON as nameOf,
} from '../../gen/health/v1/health.ts'
import type { ClientOptions } from '../client-options.ts'
import { CommandError } from '../command-error.ts'
import { commandErrorFrom } from '../primes/call-failure.ts'
import { unaryCall } from '../primes/unary-call.ts'
import type { CommandRun } from '../run-command.ts'
import { clientOf } from '../service-site.ts'

/** What is asked, and how it is printed. */
export type HealthOptions = ClientOptions & { service: string }

/** Prints what the service says of itself; 1 when that is not SERVING. */
export async function askHealth(options: HealthOptions, { signal, out }: CommandRun): Promise<number> {
  const { service, deadlineMs = 5000, json } = options
  const client = new HealthClient(...clientOf(options))
  try {
    const answer = await unaryCall<HealthCheckResponse>(
      (done) => client.check({ service }, new Metadata(), { deadline: Date.now() + deadlineMs }, done),
      signal,
    )
    await out.write(json ? JSON.stringify(HealthCheckResponse.toJSON(answer)) : nameOf(answer.status))
    return answer.status === ServingStatus.SERVING ? 0 : 1
  } catch (thrown) {
    if (isCallFailure(thrown) && thrown.code === status.NOT_FOUND) {
      throw new CommandError(`NOT_FOUND: ${options.target} has no service "${service}"; --service names another`)
    }
    throw commandErrorFrom(thrown, options)
  } finally {
    client.close()
  }
}
