import { CallError, callErrorFrom, type ErrorCode, errorTable } from '../errors.ts'
import type { Thrown } from './messages.ts'

/** What a task threw as the error of its call: a `CallError` as it was, anything else as `internal` with it as the cause. */
export function reviveThrown(thrown: Thrown): CallError {
  const { code, violations, retryAfterMs } = thrown
  if (code === undefined || !isErrorCode(code)) return callErrorFrom(errorLike(thrown))
  return new CallError(code, thrown.message, {
    ...(violations === undefined ? {} : { violations }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}

function errorLike({ name, message, stack }: Thrown): Error {
  const error = new Error(message)
  error.name = name
  if (stack !== undefined) error.stack = stack
  return error
}
