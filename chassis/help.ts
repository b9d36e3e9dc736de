import { z } from 'zod'
import { flagOf, type Option, type OptionTable, variableOf } from './options.ts'

/** Whether a command line asks for the help instead of a server. */
export function asksForHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h')
}

/** The help of a server: what it does, and its settings. */
export function helpText(about: string, table: OptionTable): string {
  const rows = Object.entries(table).map(([name, option]) => [flagOf(name), aboutSetting(name, option)] as const)
  const width = Math.max(...rows.map(([flag]) => flag.length))
  const lines = rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`)
  const how = 'Settings, as a flag (--port 1 or --port=1) or a variable; a flag wins. [default; variable]'
  return `${about}\n\n${how}\n${lines.join('\n')}\n`
}

function aboutSetting(name: string, { about, read, default: unsaid }: Option<unknown>): string {
  const choices = read instanceof z.ZodEnum ? ` (${read.options.join(', ')})` : ''
  return `${about}${choices} [${unsaid === '' ? 'none' : unsaid}; ${variableOf(name)}]`
}
