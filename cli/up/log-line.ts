/** Fields that every line of a replica carries; the name before the line says them already. */
const known = new Set(['level', 'time', 'msg', 'pod', 'process', 'workload'])

/**
 * A line of a replica or of Envoy for people: time of day, name, level where it is not info, message, and the other fields
 * as `key=value`, numbers rounded. What is no JSON object stays as it is.
 */
export function logLine(name: string, line: string): string {
  const fields = parsed(line)
  if (fields === undefined) return `${name.padEnd(10)} ${line}`
  const time = typeof fields['time'] === 'string' ? `${fields['time'].slice(11, 23)} ` : ''
  const level = typeof fields['level'] === 'string' && fields['level'] !== 'info' ? `${fields['level']}: ` : ''
  const message = typeof fields['msg'] === 'string' ? fields['msg'] : ''
  const rest = Object.entries(fields).filter(([key]) => !known.has(key))
  const shown = rest.map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value, rounded)}`,
  )
  return `${name.padEnd(10)} ${time}${level}${[message, ...shown].join(' ').trim()}`
}

/** One decimal, and below 1 three significant digits. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value
  return Math.abs(value) < 1 ? Number(value.toPrecision(3)) : Number(value.toFixed(1))
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}
