import { once } from 'node:events'

/** Writes to a stream that may be a pipe: waits where the reader is slow, and says when the reader has left. */
export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #closed = new AbortController()

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.on('error', (error) => this.#closed.abort(error))
  }

  /** Aborts when nothing can be written any more. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Columns of the terminal; undefined for a file or a pipe. */
  get columns(): number | undefined {
    return this.#stream.isTTY ? this.#stream.columns : undefined
  }

  /** Writes whole lines and resolves when more can be taken. Rejects once the reader has left. */
  async write(lines: string): Promise<void> {
    this.closed.throwIfAborted()
    if (!this.#stream.write(`${lines}\n`)) await once(this.#stream, 'drain', { signal: this.closed })
  }
}
