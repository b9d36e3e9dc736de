import { Metadata } from '@grpc/grpc-js'
import {
  type ClientConfig,
  type ClientStatusResponse,
  ClientStatusDiscoveryServiceClient,
  ClientStatusRequest,
} from '../../gen/xds/envoy/service/status/v3/csds.ts'
import type { ClientOptions } from '../client-options.ts'
import { commandErrorFrom } from '../primes/call-failure.ts'
import { unaryCall } from '../primes/unary-call.ts'
import type { CommandRun } from '../run-command.ts'
import { clientOf, type ServiceSite } from '../service-site.ts'
import { tableOf } from '../spread/table.ts'
import { type StatusRow, statusRows } from './status-rows.ts'

/** Prints who subscribes to a control plane and what each has taken; 1 when a subscriber refused something. */
export async function showStatus(
  { deadlineMs = 5000, json, ...site }: ClientOptions,
  run: CommandRun,
): Promise<number> {
  const subscribers = await fetchSubscribers(site, deadlineMs, run.signal)
  const rows = subscribers.flatMap(statusRows)
  if (rows.length === 0) await run.out.write(json ? '[]' : 'No subscribers.')
  else if (json) for (const row of rows) await run.out.write(JSON.stringify(row))
  else await run.out.write(table(rows))
  return rows.some(({ state }) => state === 'refused') ? 1 : 0
}

async function fetchSubscribers(site: ServiceSite, deadlineMs: number, signal: AbortSignal): Promise<ClientConfig[]> {
  const client = new ClientStatusDiscoveryServiceClient(...clientOf(site))
  try {
    const request = ClientStatusRequest.create({ excludeResourceContents: true })
    const options = { deadline: Date.now() + deadlineMs }
    const answer = await unaryCall<ClientStatusResponse>(
      (done) => client.fetchClientStatus(request, new Metadata(), options, done),
      signal,
    )
    return answer.config
  } catch (thrown) {
    throw commandErrorFrom(thrown, { ...site, deadlineMs })
  } finally {
    client.close()
  }
}

function table(rows: readonly StatusRow[]): string {
  const columns = ['node', 'protocol', 'from', 'type', 'wanted', 'version', 'state'].map((title) => ({ title }))
  return tableOf(
    columns,
    rows.map(({ node, protocol, from, type, wanted, versions, state, reason }) => [
      node,
      protocol,
      from,
      type,
      shortened(wanted),
      shortened(Object.values(versions)),
      reason === undefined ? state : `${state}: ${reason}`,
    ]),
  )
}

/** One value as it is, many as their number. */
function shortened(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : String(values.length)
}
