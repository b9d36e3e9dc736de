import { loadFileDescriptorSetFromBuffer, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader'
import { usageError } from '../command-error.ts'
import type { ServiceSite } from '../service-site.ts'
import { reflect } from './reflect.ts'
import type { Work } from './work.ts'

/** A call of any service: `package.Service/Method`, and its request as JSON. */
export interface DescribedCall extends ServiceSite {
  call: string
  data: string
}

/**
 * One unary method of any service that reflects, always with the same request. Throws a usage error when method or data do
 * not fit what the server says of itself.
 */
export async function describedWork({ call, data, ...site }: DescribedCall): Promise<Work> {
  const [, service = '', name = ''] = /^\/?([\w.]+)\/(\w+)$/.exec(call) ?? []
  if (name === '') throw usageError(`--call ${call}: must be package.Service/Method`)
  const request = parseObject(data)
  const method = methodOf(loadFileDescriptorSetFromBuffer(await reflect(site, service)), service, name)
  const encoded = encode(method, request)
  return { path: method.path, nextRequest: () => encoded }
}

type UnaryMethod = MethodDefinition<object, object>

function methodOf(definitions: PackageDefinition, service: string, name: string): UnaryMethod {
  const methods = definitions[service]
  if (methods === undefined || 'format' in methods) throw usageError(`--call ${service}: is not a service`)
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method === undefined)
    throw usageError(`--call ${service}/${name}: no such method; there is ${Object.keys(methods).join(', ')}`)
  if (method.requestStream || method.responseStream)
    throw usageError(`--call ${service}/${name}: is a stream; only unary calls are spread`)
  return method
}

/** Reads `--data`. Throws a usage error for what is no JSON object. */
export function parseObject(data: string): object {
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told like an array or a number.
  }
  throw usageError(`--data ${data.slice(0, 40)}: must be a JSON object`)
}

function encode(method: UnaryMethod, request: object): Buffer {
  const fields = fieldsOf(method.requestType.type)
  // The encoder would leave unknown fields out without a word.
  const unknown = Object.keys(request).find((field) => !fields.includes(field))
  if (unknown !== undefined)
    throw usageError(`--data ${unknown}: no such field; there is ${fields.join(', ') || 'none'}`)
  try {
    return method.requestSerialize(request)
  } catch (error) {
    throw usageError(`--data: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Names of the fields of a message as JSON has them; proto-loader types its descriptors as any object. */
function fieldsOf(type: object): string[] {
  const fields: unknown = 'field' in type ? type.field : []
  if (!Array.isArray(fields)) return []
  return fields.map(({ name }: { name: string }) =>
    name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  )
}
