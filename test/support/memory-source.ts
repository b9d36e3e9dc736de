import { once } from 'node:events'
import type { Services, Source, SourceListener } from '../../control-plane/sources/source.ts'

/** A source that tells what a test says, when it says it. */
export interface MemorySource extends Source {
  tell(services: Services): void
  fail(problem: Error): void
  recover(): void
}

/** A source of `services`; without any it has nothing to tell until it is told to. */
export function memorySource(services?: Services): MemorySource {
  let newest = services
  let listener: SourceListener | undefined
  return {
    name: 'memory',
    follow: async (follower, signal) => {
      listener = follower
      if (newest) follower.update(newest)
      if (!signal.aborted) await once(signal, 'abort')
      listener = undefined
    },
    tell: (told) => {
      newest = told
      listener?.update(told)
    },
    fail: (problem) => listener?.fault(problem),
    recover: () => listener?.recovered(),
  }
}
