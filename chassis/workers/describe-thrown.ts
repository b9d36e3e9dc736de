import { inspect } from 'node:util'
import type { CallError } from '../errors.ts'
import type { Thrown } from './messages.ts'

/**
 * Describes whatever a task threw. Never throws itself. A `CallError` is known by its name: the tasks module of a bundle
 * brings a class of its own, and importing ours would load a gRPC library into every thread.
 */
export function describeThrown(thrown: unknown): Thrown {
  try {
    if (!(thrown instanceof Error)) return { name: 'Thrown', message: inspect(thrown, { depth: 1 }), stack: undefined }
    const described: Thrown = {
      name: String(thrown.name),
      message: String(thrown.message),
      stack: String(thrown.stack),
    }
    if (isCallError(thrown)) {
      const { code, violations, retryAfterMs } = thrown
      Object.assign(described, { code, violations: violations.map(plain), retryAfterMs })
    }
    return described
  } catch (error) {
    return { name: 'Thrown', message: `something that cannot be described: ${inspect(error)}`, stack: undefined }
  }
}

function isCallError(error: Error): error is CallError {
  return error.name === 'CallError' && 'code' in error && 'violations' in error
}

function plain({ field, description }: CallError['violations'][number]): CallError['violations'][number] {
  return { field: String(field), description: String(description) }
}
