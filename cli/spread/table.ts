/** One column: its title, and whether its cells are numbers and stand on the right. */
export interface Column {
  title: string
  right?: boolean
}

/** Rows as aligned text, two blanks between columns, with a line of titles. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => (cells[index] ?? '').length)))
  const align = (cell: string, index: number): string =>
    columns[index]?.right ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)
  return lines.map((cells) => cells.map(align).join('  ').trimEnd()).join('\n')
}

/** A bar of blocks, exact to an eighth of a character: `part` of `whole` in at most `width` characters. */
export function barOf(part: number, whole: number, width: number): string {
  const eighths = whole > 0 ? Math.round((part / whole) * width * 8) : 0
  return '█'.repeat(Math.floor(eighths / 8)) + (' ▏▎▍▌▋▊▉'[eighths % 8] as string).trim()
}
