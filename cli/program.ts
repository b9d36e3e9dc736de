import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }

/**
 * Runs `evenkeel` with these subcommands, in the order of the help. Each loads what it needs when it runs, and sets the exit code;
 * wrong usage is one line and 2.
 */
export async function runProgram(process: NodeJS.Process, commands: readonly (() => Command)[]): Promise<void> {
  const program = new Command('evenkeel')
    .description(manifest.description)
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`) })
  for (const command of commands) {
    program.addCommand(command().exitOverride().configureOutput(program.configureOutput()))
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that left, as in `| head`, is no failure.
    if (error.code === 'EPIPE') return
    process.stderr.write(`error: standard output: ${error.message}\n`)
    process.exitCode = 1
  })
  try {
    await program.parseAsync(process.argv)
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    // Commander has printed its message. Help and version are 0, everything else was wrong usage.
    process.exitCode = thrown.exitCode === 0 ? 0 : 2
  }
}
