import { type FSWatcher, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pause } from './back-off.ts'
import { servicesFromText } from './endpoint-file.ts'
import { faultOf } from './faults.ts'
import type { Source, SourceListener } from './source.ts'
import { Teller } from './teller.ts'

/** How a file is followed. */
export interface FileOptions {
  /** How often the file is read although no change was noticed, in ms: network file systems tell nothing. Default 2000. */
  pollMs?: number
  /** How long a change is left to settle, in ms; a writer that does not rename writes in pieces. Default 20. */
  settleMs?: number
}

/** Largest file that is read, in bytes. */
const maxFileBytes = 16 * 1024 * 1024

/** Endpoints in a YAML or JSON file, read again when it changes. A file that is missing or wrong is a fault. */
export function fileSource(path: string, { pollMs = 2000, settleMs = 20 }: FileOptions = {}): Source {
  const name = `file:${path}`
  const place = resolve(path)

  async function follow(listener: SourceListener, signal: AbortSignal): Promise<void> {
    const teller = new Teller(listener)
    let last: string | undefined
    while (!signal.aborted) {
      // Before the file is read, so that no change falls between the two.
      using folder = new FolderWatch(dirname(place))
      try {
        const text = await readBounded(place)
        // The same text again is not parsed, but still ends a fault: the file may have been away for a while.
        if (text !== last) teller.update(servicesFromText(text))
        last = text
        teller.recovered()
      } catch (error) {
        last = undefined
        teller.fault(faultOf(name, error))
      }
      await pause(pollMs, AbortSignal.any([folder.changed, signal]))
      await pause(settleMs, signal)
    }
  }

  return { name, follow }
}

async function readBounded(path: string): Promise<string> {
  await using file = await open(path)
  const { size } = await file.stat()
  if (size > maxFileBytes) throw new Error(`${size} bytes are above the limit of ${maxFileBytes}; split the file`)
  return await file.readFile('utf8')
}

/**
 * Aborts its signal when something changes in a folder. The folder is watched, not the file: files are replaced by rename, and
 * Kubernetes swaps a link beside the file. Made anew for each look, for a folder that was replaced tells nothing any more.
 */
class FolderWatch implements Disposable {
  readonly #changed = new AbortController()
  readonly #watcher: FSWatcher | undefined

  constructor(folder: string) {
    try {
      this.#watcher = watch(folder, () => this.#changed.abort())
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // No such folder yet, or no watch left on this machine: the poll goes on.
    }
  }

  get changed(): AbortSignal {
    return this.#changed.signal
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
  }
}
