import { constants } from 'node:os'
import { CommandError } from './command-error.ts'
import { Output } from './output.ts'

/** What a command uses of its process. */
export type CommandProcess = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'on' | 'off'>

/** What a running command has. */
export interface CommandRun {
  /** Aborts when the work shall be cut short: by a signal, or because nobody reads the output any more. */
  signal: AbortSignal
  readonly stdin: NodeJS.ReadStream
  out: Output
  /** Plain lines for people, beside the output. */
  note: (line: string) => void
}

/** npm passes a Ctrl-C on to a script that has it from the terminal already: signals within this time are one, in ms. */
const echoMs = 500

/**
 * Runs the work of a subcommand and resolves to the exit code: the work's own; 130, 143 or 129 when a signal cut it short; 0 when
 * the reader of its output left (`| head`); 1 when it could not be written; 1 or 2 with one line on stderr for a `CommandError`. A second
 * signal, later than an echo of the first, ends the process at once.
 */
export async function runCommand(process: CommandProcess, work: (run: CommandRun) => Promise<number>): Promise<number> {
  const interrupted = new AbortController()
  const out = new Output(process.stdout)
  const onSignal = (name: NodeJS.Signals): void => {
    if (interrupted.signal.aborted) return
    interrupted.abort(name)
    setTimeout(stopListening, echoMs).unref()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const stopListening = (): void => signals.forEach((name) => process.off(name, onSignal))
  for (const name of signals) process.on(name, onSignal)
  const signal = AbortSignal.any([interrupted.signal, out.closed])
  const note = (line: string): void => void process.stderr.write(`${line}\n`)
  const codeWhenCut = (): number | undefined => {
    if (interrupted.signal.aborted) return 128 + constants.signals[interrupted.signal.reason as NodeJS.Signals]
    return out.closed.aborted ? (out.readerLeft ? 0 : 1) : undefined
  }
  try {
    const run: CommandRun = {
      signal,
      out,
      note,
      // Opened when it is read: a process that was started without one has none.
      get stdin() {
        return process.stdin
      },
    }
    const exitCode = await work(run)
    return codeWhenCut() ?? exitCode
  } catch (thrown) {
    const exitCode = codeWhenCut()
    if (exitCode !== undefined) return exitCode
    if (!(thrown instanceof CommandError)) throw thrown
    note(`error: ${thrown.message}`)
    return thrown.exitCode
  } finally {
    stopListening()
  }
}
