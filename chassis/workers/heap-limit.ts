import { totalmem } from 'node:os'
import { constrainedMemory } from 'node:process'

const bytesPerMb = 1024 * 1024

/** Below this a thread may not even load its tasks. */
const smallestMb = 64

/** Above this a task is at fault; V8 would give a thread up to 4 GB. */
const largestMb = 1024

/**
 * JavaScript heap that each of `workers` threads may use, in MB: its part of three quarters of `memoryBytes`, from 64 to
 * 1024. A thread that needs more ends with its own call only; without a limit the kernel would end the whole process.
 * Typed arrays are outside of the heap and not counted.
 */
export function heapLimitMb(workers: number, memoryBytes: number): number {
  const shareMb = Math.floor((memoryBytes * 0.75) / bytesPerMb / workers)
  return Math.min(Math.max(shareMb, smallestMb), largestMb)
}

/** Memory that this process may use: the limit of its cgroup, or all there is. */
export function availableMemoryBytes(): number {
  // Without a limit Node answers 0 or a number far above the memory of the machine.
  return Math.min(constrainedMemory() || Infinity, totalmem())
}
