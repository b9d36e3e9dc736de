/** One figure of a benchmark. Absolute figures hold for one machine; ratios carry over. */
export interface Row {
  name: string
  value: number
  /** Such as `ratio`, `ms`, `MB`. */
  unit: string
  /** What is aimed at; null where the figure only informs. */
  aim: number | null
  /** What it was measured against in the same run; null for nothing. */
  peer: string | null
  /** SVG for a report; tables and JSON leave it out. */
  picture?: string
}

/** Rows as a table with aligned columns. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, aim, peer }) => [
    name,
    shown(value),
    unit,
    aim === null ? '' : `aim ${aim}`,
    peer ?? '',
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => (row[column] as string).length)))
  const lines = cells.map(([name, value, unit, aim, peer]) =>
    `${name?.padEnd(widths[0] as number)}  ${value?.padStart(widths[1] as number)} ${unit?.padEnd(widths[2] as number)}  ${aim?.padEnd(widths[3] as number)}  ${peer}`.trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** A figure with about three digits. */
export function shown(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

/** The value below which `fraction` of the sorted values lie. */
export function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] as number
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5)
}

/** What 99 of 100 values stay under. */
export function p99(values: readonly number[]): number {
  return quantile(ascending(values), 0.99)
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b)
}
