import { invalidArgument } from '../../chassis/errors.ts'

/** How large a number may be: in bits or in decimal digits. */
export type NumberBound = { bits: number } | { digits: number }

/** The bound of CheckPrime and CheckPrimeStream: a check cannot be interrupted, and takes seconds at this size. */
export const checkBound: NumberBound = { bits: 4096 }
/** The bound of Factorize. */
export const factorizeBound: NumberBound = { digits: 80 }

/**
 * Reads a field that holds a decimal number without sign, spaces or leading zeros. Looks at the length first, so that a
 * million digits cost nothing. Throws INVALID_ARGUMENT with the field, the value (shortened) and the bound.
 */
export function parseNumber(field: string, text: string, bound: NumberBound): bigint {
  if (text === '') throw invalidArgument(field, 'is empty; it must be a decimal number, such as 97')
  const maxDigits = 'digits' in bound ? bound.digits : Math.ceil(bound.bits * Math.log10(2))
  const limit = 'digits' in bound ? `${bound.digits} digits` : `${bound.bits} bits (${maxDigits} digits)`
  if (text.length > maxDigits) {
    throw invalidArgument(field, `${shorten(text)} has ${text.length} characters; at most ${limit} are allowed`)
  }
  if (!/^(0|[1-9][0-9]*)$/.test(text)) {
    throw invalidArgument(field, `${shorten(text)} is not decimal digits without sign, spaces or leading zeros`)
  }
  const value = BigInt(text)
  if ('bits' in bound && value >> BigInt(bound.bits) > 0n) {
    throw invalidArgument(field, `${shorten(text)} is above 2^${bound.bits}; at most ${limit} are allowed`)
  }
  return value
}

/** A value as an error shows it: quoted, at most 24 characters of it. */
function shorten(text: string): string {
  return JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text)
}
