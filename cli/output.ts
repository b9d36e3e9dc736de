import { once } from 'node:events'

/** Writes to a stream that may be a pipe: waits where the reader is slow, and says when the reader has left. */
export class Output {
  readonly #stream: NodeJS.WriteStream
  readonly #closed = new AbortController()
  #readerLeft = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#readerLeft = error.code === 'EPIPE'
      this.#closed.abort(error)
    })
  }

  /** Aborts when nothing can be written any more. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** It is closed because its reader has left, which is no failure: a full disk is one. */
  get readerLeft(): boolean {
    return this.#readerLeft
  }

  /** Writes whole lines and resolves when more can be taken. Rejects once the reader has left. */
  async write(lines: string): Promise<void> {
    this.closed.throwIfAborted()
    if (!this.#stream.write(`${lines}\n`)) await once(this.#stream, 'drain', { signal: this.closed })
  }
}
