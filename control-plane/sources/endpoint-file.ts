import { isIPv6 } from 'node:net'
import { parse } from 'yaml'
import { z } from 'zod'
import { canonicalAddress, distinctEndpoints } from './endpoints.ts'
import { serviceNamePattern, serviceNameRule } from './service-name.ts'
import type { Endpoint, Services } from './source.ts'

/** Replicas in one file. Far above any fleet; a file that grows without end is refused before it fills the memory. */
const maxEndpoints = 20_000

/** Problems that one fault names; a file of another kind has one per line. */
const maxProblems = 10

const address = z.string().transform((given, context) => {
  const canonical = canonicalAddress(given.replace(/^\[(.*)\]$/, '$1'))
  if (canonical !== undefined) return canonical
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(given)} is no IP address; for names use a dns: source`,
  })
  return z.NEVER
})

const port = z.number('must be a port').int().min(1, 'is below 1').max(65_535, 'is above 65535')

const longForm = z.strictObject({
  address,
  port,
  state: z.enum(['ready', 'terminating', 'unready'], 'must be ready, terminating or unready').default('ready'),
  zone: z.string().min(1).optional(),
})

const shortForm = z.string().transform((given, context): Endpoint => {
  const [, host, digits] = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(given) ?? []
  const read = z.object({ address, port }).safeParse({ address: host, port: Number(digits) })
  // IPv6 without brackets would leave open where the address ends.
  if (read.success && isIPv6(read.data.address) === given.startsWith('[')) return { ...read.data, state: 'ready' }
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(given)} is no IP address with a port, such as 10.0.0.1:50051 or [2001:db8::1]:50051`,
  })
  return z.NEVER
})

const endpoint = z.unknown().transform((given, context): Endpoint => {
  const read = (typeof given === 'string' ? shortForm : longForm).safeParse(given)
  if (read.success) return read.data
  for (const { path, message } of read.error.issues) context.addIssue({ code: 'custom', path, message })
  return z.NEVER
})

const file = z.strictObject({
  services: z.record(z.string().regex(serviceNamePattern), z.array(endpoint), {
    error: ({ code }) => (code === 'invalid_key' ? serviceNameRule : undefined),
  }),
})

/** Reads the text of an endpoint file, YAML or JSON. Throws one error with all that is wrong. */
export function servicesFromText(text: string): Services {
  const read = file.safeParse(parsed(text))
  if (!read.success) throw new Error(described(read.error.issues))
  const services = Object.entries(read.data.services)
  const count = services.reduce((sum, [, endpoints]) => sum + endpoints.length, 0)
  if (count > maxEndpoints) throw new Error(`${count} endpoints are above the limit of ${maxEndpoints}; split the file`)
  return new Map(services.map(([name, endpoints]) => [name, distinctEndpoints(endpoints)]))
}

function parsed(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' })
  } catch (error) {
    // The lines below the first repeat the text.
    throw new Error(String((error as Error).message.split('\n')[0]), { cause: error })
  }
}

function described(issues: readonly z.core.$ZodIssue[]): string {
  const lines = issues.slice(0, maxProblems).map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`)
  if (issues.length > maxProblems) lines.push(`and ${issues.length - maxProblems} more`)
  return lines.join('; ')
}
