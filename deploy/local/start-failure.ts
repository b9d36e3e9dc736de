/** How a replica ended. */
export interface ReplicaExit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** How many of the last lines the message quotes. */
const quotedLines = 10

/** A replica ended before it served. The message quotes why: the one line of an uncaught error, else the last lines. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
  /** `usage` where its settings or its module are wrong, so that another try would end the same. */
  readonly kind: 'usage' | 'failure'

  constructor(replica: string, { code, signal }: ReplicaExit, lines: readonly string[]) {
    const uncaught = uncaughtError(lines)
    const why = uncaught ?? lines.slice(-quotedLines).join('\n')
    super(
      `${replica} ended (${signal ?? `exit code ${code}`}) before it served:${why.includes('\n') ? '\n' : ' '}${why}`,
    )
    this.kind = code === 2 || uncaught !== undefined ? 'usage' : 'failure'
  }
}

/** Node ends with its version after an error that nobody caught; the error itself is the last line before its stack. */
function uncaughtError(lines: readonly string[]): string | undefined {
  if (!/^Node\.js v\d/.test(lines.at(-1) ?? '')) return undefined
  const stack = lines.findIndex((line) => /^ {4}at /.test(line))
  return lines.slice(0, stack === -1 ? -1 : stack).findLast((line) => line.trim() !== '')
}
