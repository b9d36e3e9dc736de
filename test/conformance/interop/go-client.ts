import { runCommand } from '../../support/run-command.ts'
import { knownFailuresOf } from '../known-failures.ts'
import type { Outcome } from '../outcome.ts'
import { startPlace } from '../place.ts'
import type { Way } from '../ways.ts'
import { runCases } from './cases.ts'
import { findInterop } from './programs.ts'
import { calledName, suiteTls } from './tls.ts'
import { interop } from './workload.ts'

/**
 * The cases of grpc-go's client. Left out: those of accounts at Google; and `orca_per_rpc`, `orca_oob`, where a workload says what
 * its load is: the chassis measures it.
 */
const cases = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
  'pick_first_unary',
  'rpc_soak',
  'channel_soak',
] as const

/** Has grpc-go's client call the chassis over one way. The largest request has 271828 bytes and a frame. */
export async function runGoClient(way: Way): Promise<Outcome> {
  await using tls = await suiteTls(way)
  await using place = await startPlace(interop, { proxy: way.proxy, tls: tls?.place }, ['--max-message-bytes=1048576'])
  const program = findInterop('client')
  const byTls = tls ? ['-use_tls', '-use_test_ca', '-ca_file', tls.authority, '-server_host_override', calledName] : []
  const target = ['-server_host', '127.0.0.1', '-server_port', String(place.port), ...byTls]
  // A busy machine is no failure of the soak: its bound of 1 s for a call is a bound of time.
  const patient = ['-soak_per_iteration_max_acceptable_latency_ms', '10000', '-soak_overall_timeout_seconds', '60']
  const runCase = async (name: string): Promise<void> => {
    const { exitCode, stderr } = await runCommand(program, ['-test_case', name, ...target, ...patient])
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr.trim()}`)
  }
  return await runCases(cases, runCase, knownFailuresOf('go-client', way))
}
