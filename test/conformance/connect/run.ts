import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { stringify } from 'yaml'
import { temporaryFolder } from '../../../deploy/local/temporary-folder.ts'
import { findProgram } from '../../support/find-program.ts'
import { runCommand } from '../../support/run-command.ts'
import { knownFailuresOf } from '../known-failures.ts'
import type { Outcome } from '../outcome.ts'
import type { Way } from '../ways.ts'

const program = 'connectconformance'
/** How long it may take, in ms: 30 s on two cores that are free. */
const timeoutMs = 300_000

/** Why the suite cannot run here; undefined when it can. */
export function missingConnectConformance(): string | undefined {
  if (findProgram(program) !== undefined) return undefined
  return `${program} is missing: go install connectrpc.com/conformance/cmd/connectconformance@v1.0.5`
}

/** Runs the suite of Connect for servers, protocol gRPC over HTTP/2, against the chassis over one way. */
export async function runConnectSuite(way: Way): Promise<Outcome> {
  await using folder = await temporaryFolder('connect')
  const configPath = join(folder.path, 'suite.yaml')
  await writeFile(configPath, stringify(suiteConfig(way)))
  const server = [process.execPath, resolve(import.meta.dirname, 'server-under-test.ts')]
  const known = knownFailuresOf('connect', way).flatMap(({ cases }) => ['--known-failing', cases])
  const args = ['--mode', 'server', '--max-servers', '2', '--conf', configPath, ...known, '--', ...server]
  const proxied = way.proxy === 'envoy' ? ['--envoy'] : []
  const ended = await runCommand(findProgram(program) ?? program, [...args, ...proxied], timeoutMs)
  const outcome = parseReport(`${ended.stdout}${ended.stderr}`)
  if (ended.exitCode !== 0 && outcome.failed === 0) throw new Error(`${program}: ${outcome.report}`)
  return outcome
}

/** What the server under test can do. */
function suiteConfig({ tls }: Way): object {
  return {
    features: {
      versions: ['HTTP_VERSION_2'],
      protocols: ['PROTOCOL_GRPC'],
      codecs: ['CODEC_PROTO'],
      supports_h2c: !tls,
      supports_tls: tls,
      supports_tls_client_certs: tls,
    },
  }
}

/** The last lines of the runner's report, in figures. Throws for a report without them. */
export function parseReport(report: string): Outcome {
  const figure = (pattern: RegExp): number => Number(pattern.exec(report)?.[1] ?? 0)
  const cases = figure(/^Total cases: (\d+)$/m)
  if (cases === 0) throw new Error(`${program} ran no case:\n${report}`)
  return {
    cases,
    failed: figure(/^\d+ passed, (\d+) failed/m) + figure(/Another (\d+) could not be run/),
    knownFailures: figure(/Another (\d+) failed as expected/),
    report: report.trim(),
  }
}
