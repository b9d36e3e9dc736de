import {
  type DestinationStream,
  destination as openDestination,
  type Level,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino'

/** From the least to the most that is said; `silent` says nothing. */
export type LogLevel = Level | 'silent'

/** What every line carries, and where lines go. */
export interface LoggerOptions {
  level: LogLevel
  pod: string
  process: string
  workload: string
  /** Takes the lines; stdout when left out. */
  destination?: DestinationStream
}

/** A logger and the lines that it has not written yet. Disposing flushes; the logger may be used afterwards. */
export interface LogSink extends AsyncDisposable {
  logger: Logger
  /** Resolves when all lines so far are written, or after one second when nobody reads them. */
  flush(): Promise<void>
}

/** Lines that wait for a slow reader, in bytes; what goes beyond is dropped, memory stays bounded. */
const maxWaitingBytes = 8 * 1024 * 1024
/** A reader that is away must not hold the exit. */
const flushTimeoutMs = 1000

/** JSON lines with level names and ISO times. Writing never blocks the caller. */
export function createLogger(options: LoggerOptions): LogSink {
  const { level, pod, process, workload } = options
  // With minLength 0 `flush` would call back at once. Every line is longer than 1 byte, so each is still written directly.
  const stdout = options.destination
    ? undefined
    : openDestination({ sync: false, minLength: 1, maxLength: maxWaitingBytes })
  const logger = pino(
    {
      level,
      base: { pod, process, workload },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? stdout,
  )
  const flush = () => (stdout ? flushWithin(flushTimeoutMs, (done) => stdout.flush(done)) : Promise.resolve())
  return { logger, flush, [Symbol.asyncDispose]: flush }
}

function flushWithin(timeoutMs: number, flush: (done: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  flush(resolve)
  return promise.finally(() => clearTimeout(timer))
}
