import { parseArgs } from 'node:util'
import { z } from 'zod'

/** One setting: how its text is read, what it is when unsaid, and what it is for. */
export interface Option<Value> {
  /** Reads the text of a flag or variable; its issues are the messages people see. */
  read: z.ZodType<Value, string>
  /** The text that counts when neither flag nor variable is given. */
  default: string
  /** One sentence with the unit. */
  about: string
}

/** The settings of a command by name, in camelCase. */
export type OptionTable = Record<string, Option<unknown>>

/** The checked values of a table. */
export type ValuesOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never
}

/** Everything that is wrong with a command line and environment, at once. The process ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Where settings come from. A flag wins over a variable, a variable over the default. */
export interface OptionSources {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Names of settings of other commands, whose variables may stand in the same environment. */
  foreign?: readonly string[]
}

/** An integer between two bounds, both included; or one of `words`. */
export function integer<const Words extends readonly string[]>(
  min: number,
  max: number,
  ...words: Words
): z.ZodType<number | Words[number], string> {
  const others = words.map((word) => `, or ${word}`).join('')
  return z.string().transform((given, context) => {
    const word = words.find((candidate) => candidate === given)
    if (word !== undefined) return word
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}${others}` })
    return z.NEVER
  })
}

/** `true` or `false`. */
export function toggle(): z.ZodType<boolean, string> {
  return z.enum(['true', 'false'], 'must be true or false').transform((given) => given === 'true')
}

/** One of some words. */
export function choice<const Word extends string>(...words: Word[]): z.ZodType<Word, string> {
  return z.enum(words, `must be one of ${words.join(', ')}`)
}

/** Any text that is not empty. */
export function text(): z.ZodType<string, string> {
  return z.string().min(1, 'must not be empty')
}

/** Text that may stand in a header: visible ASCII without spaces. */
export function headerText(): z.ZodType<string, string> {
  return z.string().regex(/^[!-~]+$/, 'must be visible ASCII without spaces, for it travels in headers')
}

/** `delayTargetMs` as the variable `EVENKEEL_DELAY_TARGET_MS`. */
export function variableOf(name: string): string {
  return `EVENKEEL_${kebab(name).replaceAll('-', '_').toUpperCase()}`
}

/** `delayTargetMs` as the flag `--delay-target-ms`. */
export function flagOf(name: string): string {
  return `--${kebab(name)}`
}

/**
 * Reads a table of options. Throws one `ConfigError` with every problem there is; `contradictions` names those between
 * several values, and is asked once each value is right by itself. The result is frozen.
 */
export function readOptions<const Table extends OptionTable>(
  table: Table,
  sources: OptionSources,
  contradictions: (values: ValuesOf<Table>) => string[] = () => [],
): ValuesOf<Table> {
  const problems: string[] = []
  const flags = readFlags(table, sources.argv, problems)
  problems.push(...unknownVariables(table, sources))
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(table)) {
    const [source, given] = chosen(name, option, { flags, env: sources.env })
    const result = option.read.safeParse(given)
    if (result.success) values[name] = result.data
    else problems.push(`${source}=${JSON.stringify(given.slice(0, 60))}: ${result.error.issues[0]?.message}`)
  }
  const checked = Object.freeze(values) as ValuesOf<Table>
  if (problems.length === 0) problems.push(...contradictions(checked))
  if (problems.length > 0) throw new ConfigError(problems)
  return checked
}

function chosen(
  name: string,
  option: Option<unknown>,
  { flags, env }: { flags: Map<string, string>; env: OptionSources['env'] },
): [string, string] {
  const flag = flags.get(name)
  if (flag !== undefined) return [flagOf(name), flag]
  const variable = env[variableOf(name)]
  if (variable !== undefined && !isServiceLink(variableOf(name), variable)) return [variableOf(name), variable]
  return [flagOf(name), option.default]
}

function readFlags(table: OptionTable, argv: readonly string[], problems: string[]): Map<string, string> {
  const names = new Map(Object.keys(table).map((name) => [kebab(name), name]))
  const isToggle = (name: string): boolean => ['true', 'false'].includes(table[name]?.default ?? '')
  const options = Object.fromEntries(
    [...names].map(([flag, name]) => [flag, { type: isToggle(name) ? 'boolean' : 'string' } as const]),
  )
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowNegative: true, tokens: true })
  const flags = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`${token.value}: no argument is expected here`)
    if (token.kind !== 'option') continue
    const flag = token.rawName.slice(2)
    const negated = flag.startsWith('no-') && !names.has(flag)
    const name = names.get(negated ? flag.slice(3) : flag)
    if (name === undefined || (negated && !isToggle(name))) problems.push(`${token.rawName}: no such option`)
    else if (negated && token.value !== undefined) problems.push(`${token.rawName}=${token.value}: takes no value`)
    else if (isToggle(name)) flags.set(name, token.value ?? String(!negated))
    else if (token.value === undefined) problems.push(`${token.rawName}: needs a value`)
    else flags.set(name, token.value)
  }
  return flags
}

function unknownVariables(table: OptionTable, { env, foreign = [] }: OptionSources): string[] {
  const known = new Set([...Object.keys(table), ...foreign].map(variableOf))
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith('EVENKEEL_') && !known.has(name) && !isServiceLink(name, value ?? ''))
    .map(([name]) => `${name}: no such setting; ${variableOf('logLevel')} and others are listed by --help`)
}

/** Kubernetes makes variables of every Service of the namespace (`enableServiceLinks`); a Service may be called evenkeel. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name))
    return true
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value)
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
