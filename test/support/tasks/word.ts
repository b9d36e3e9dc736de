/** One shared integer, 0 at first, by which a test and a task on another thread tell each other something. */
export function createWord(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}

/** Adds one, and wakes whoever waits. */
export function raise(word: Int32Array): void {
  Atomics.add(word, 0, 1)
  Atomics.notify(word, 0)
}

/** Blocks the thread until the word has been raised `times` times. */
export function blockUntilRaised(word: Int32Array, times = 1): void {
  for (let value = 0; value < times; value = Atomics.load(word, 0)) Atomics.wait(word, 0, value)
}

/** Resolves when the word has been raised `times` times. */
export async function raised(word: Int32Array, times = 1): Promise<void> {
  for (let value = Atomics.load(word, 0); value < times; value = Atomics.load(word, 0)) {
    await Atomics.waitAsync(word, 0, value).value
  }
}
