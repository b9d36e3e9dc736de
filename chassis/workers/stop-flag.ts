/** Tasks that a thread may have at once: the one that runs and one held in advance. */
export const slotCount = 2

/**
 * What a slot says of the task in it. The pool offers; the thread begins and ends; the pool may stop at any moment. A slot
 * is offered again only after the thread has answered for it, so one word tells the whole truth about one task.
 *
 * - `offered`: sent to the thread, not begun.
 * - `running`: begun.
 * - `stopped`: stopped by the pool, before or after it was begun.
 * - `ended`: over; the answer is on its way.
 */
const offered = 1
const running = 2
const stopped = 3
const ended = 4

/** Thrown into a task whose call is over. It never leaves the thread. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'

  constructor() {
    super('the call of this task is over')
  }
}

/** The words that the pool and one thread share: a slot for each task the thread has. */
export class StopFlags {
  /** What the other side needs to see the same words. */
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(slotCount * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Pool: a task is about to be sent in this slot. */
  offer(slot: number): void {
    Atomics.store(this.#words, slot, offered)
  }

  /** Pool: true when the task had not begun; then it never will. */
  withdraw(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot, offered, stopped) === offered
  }

  /** Pool: stops the task if it runs, and wakes it if it waits. */
  stop(slot: number): void {
    if (Atomics.compareExchange(this.#words, slot, running, stopped) === running) Atomics.notify(this.#words, slot)
  }

  /** Both: whether the task is stopped and has not ended since. */
  isStopped(slot: number): boolean {
    return Atomics.load(this.#words, slot) === stopped
  }

  /** Thread: begins the task; false when it was withdrawn. */
  begin(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot, offered, running) === offered
  }

  /** Thread: blocks for `ms` milliseconds or until the task is stopped. */
  wait(slot: number, ms: number): void {
    Atomics.wait(this.#words, slot, running, ms)
  }

  /** Thread: the task is over. */
  end(slot: number): void {
    Atomics.store(this.#words, slot, ended)
  }
}
