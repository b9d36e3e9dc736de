import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ServiceSite } from './service-site.ts'
import { withTlsOptions } from './tls-options.ts'
import { endDespiteXds, prepareXdsTarget } from './xds-target.ts'

/** What every command that calls a service is told. */
export interface ClientOptions extends ServiceSite {
  /** Milliseconds that the answer may take; unset where the command has no default. */
  deadlineMs?: number
  json: boolean
}

/** What `--json` means where numbers are asked about. */
export const jsonOfNumbers = 'protobuf-JSON, one object per line, with the number asked about as `number`'

/** What differs between such commands. */
export interface ClientDefaults {
  deadlineMs?: number
  /** What `--json` means. */
  json?: string
  target?: string
  /** Who answers at the target. */
  who?: string
}

/**
 * Adds `--target`, `--xds-server`, those of TLS, `--deadline-ms` (without a default where none is given) and `--json` with what it means. An
 * `xds:` target is ready when the command runs.
 */
export function withClientOptions(command: Command, defaults: ClientDefaults = {}): Command {
  const { deadlineMs, json = 'protobuf-JSON, one object per line', target: address = '127.0.0.1:8080' } = defaults
  const target = new Option('--target <host:port>', defaults.who ?? 'the service, or Envoy in front of it')
  const xdsServer = new Option('--xds-server <host:port>', 'control plane of an xds: target').env('EVENKEEL_XDS_SERVER')
  const deadline = new Option('--deadline-ms <ms>', 'how long an answer may take').argParser(wholeNumber(1, 86_400_000))
  command.addOption(target.default(address).env('EVENKEEL_TARGET').argParser(targetFrom))
  return withTlsOptions(command.addOption(xdsServer.argParser(targetFrom)))
    .addOption(deadlineMs === undefined ? deadline : deadline.default(deadlineMs))
    .option('--json', json, false)
    .hook('preAction', prepareXdsTarget)
    .hook('postAction', endDespiteXds)
}

/** Reads a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

/** Reads an address with its port. */
export function addressFrom(text: string): string {
  if (/^[^/]+:\d{1,5}$/.test(text)) return text
  throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8080.')
}

function targetFrom(text: string): string {
  // Without a port gRPC would take 443, which nobody means here.
  return /^[a-z][a-z0-9+.-]*:\/{0,3}\D/i.test(text) ? text : addressFrom(text)
}
