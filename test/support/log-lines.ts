import type { DestinationStream } from 'pino'

/** Takes log lines and keeps them as objects, in order. */
export interface LogLines {
  lines: Record<string, unknown>[]
  destination: DestinationStream
}

/** A destination for a logger under test. */
export function keepLogLines(): LogLines {
  const lines: Record<string, unknown>[] = []
  return { lines, destination: { write: (line) => void lines.push(JSON.parse(line)) } }
}
