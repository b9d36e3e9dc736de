import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Kubectl, KubernetesObject } from './kubectl.ts'
import { programEnvironment } from './programs.ts'

/** A change that the API server told of. */
export interface ObjectEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: T
  /** When it came, by this machine's clock, in milliseconds since 1970. */
  atMs: number
}

/** What is watched, and who is told. */
export interface WatchOptions<T> {
  kind: string
  selector: string
  onEvent: (event: ObjectEvent<T>) => void
}

/**
 * Watches objects until it is disposed. Where the API server goes away it is asked again until it is back, and then tells of all
 * objects once more as ADDED.
 */
export function watchObjects<T extends KubernetesObject>(kubectl: Kubectl, options: WatchOptions<T>): AsyncDisposable {
  const ended = new AbortController()
  const { kind, selector, onEvent } = options
  const args = ['get', kind, '--selector', selector, '--watch', '--output-watch-events', '--output', 'json']
  const watching = (async () => {
    while (!ended.signal.aborted) {
      await readEvents(['--namespace', kubectl.namespace, ...args], { onEvent, signal: ended.signal })
      // While the API server is away each kubectl costs a start, beside what is measured.
      await delay(1000, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  })()
  return {
    [Symbol.asyncDispose]: async () => {
      ended.abort()
      await watching
    },
  }
}

interface Reader<T> {
  onEvent: (event: ObjectEvent<T>) => void
  signal: AbortSignal
}

/** Runs one kubectl to its end. */
async function readEvents<T>(args: readonly string[], { onEvent, signal }: Reader<T>): Promise<void> {
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'ignore'], env: programEnvironment() })
  const stop = (): void => void child.kill()
  signal.addEventListener('abort', stop)
  createInterface({ input: child.stdout }).on('line', (line) => {
    onEvent({ ...(JSON.parse(line) as ObjectEvent<T>), atMs: Date.now() })
  })
  await once(child, 'close')
  signal.removeEventListener('abort', stop)
}
