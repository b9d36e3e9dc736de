/** Why a command could not do what was asked, as one line for people. Exit code 1, or 2 where the usage was wrong. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Wrong usage: options that are each right but contradict each other, a file that cannot be read. Exit code 2. */
export function usageError(message: string): CommandError {
  return new CommandError(message, 2)
}
