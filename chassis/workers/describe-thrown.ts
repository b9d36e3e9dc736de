import { inspect } from 'node:util'
import type { CallError } from '../errors.ts'
import type { Thrown } from './messages.ts'

/**
 * Describes whatever a task threw. Never throws itself. A `CallError` is known by its name: the tasks module of a bundle
 * brings a class of its own, and a thread has no use for the rest of the chassis.
 */
export function describeThrown(thrown: unknown): Thrown {
  try {
    if (!(thrown instanceof Error)) return { name: 'Thrown', message: inspect(thrown, { depth: 1 }), stack: undefined }
    const { name, message, stack } = thrown
    if (!isCallError(thrown)) return { name, message, stack }
    const { code, violations, retryAfterMs } = thrown
    return { name, message, stack, code, violations, retryAfterMs }
  } catch (error) {
    return { name: 'Thrown', message: `something that cannot be described: ${inspect(error)}`, stack: undefined }
  }
}

function isCallError(error: Error): error is CallError {
  return error.name === 'CallError' && 'code' in error && 'violations' in error
}
