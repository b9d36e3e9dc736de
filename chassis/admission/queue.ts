/** A value in a `BoundedQueue`; what `remove` needs to take it out of the middle. */
export interface QueueEntry<T> {
  readonly value: T
  previous: QueueEntry<T> | undefined
  next: QueueEntry<T> | undefined
}

/**
 * First in, first out, with a number of places. Beyond them a value may still wait for a place: it stands behind all who
 * have one and moves up as they leave, so one line is enough for both. Every operation takes constant time.
 */
export class BoundedQueue<T> {
  /** Number of places. */
  readonly limit: number
  #first: QueueEntry<T> | undefined
  #last: QueueEntry<T> | undefined
  #size = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Values in line, with and without a place. */
  get size(): number {
    return this.#size
  }

  /** The value that is next, still in line. */
  get first(): T | undefined {
    return this.#first?.value
  }

  /** Whether one more value would get a place, when `taken` places are in use outside of the line. */
  hasPlace(taken = 0): boolean {
    return this.#size + taken < this.limit
  }

  /** Puts a value at the end, also when no place is left: it waits for one. */
  push(value: T): QueueEntry<T> {
    const entry: QueueEntry<T> = { value, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#size += 1
    return entry
  }

  /** Puts a value back before all others, also when no place is left. */
  unshift(value: T): QueueEntry<T> {
    const entry: QueueEntry<T> = { value, previous: undefined, next: this.#first }
    if (this.#first === undefined) this.#last = entry
    else this.#first.previous = entry
    this.#first = entry
    this.#size += 1
    return entry
  }

  /** Takes the first value out; undefined when there is none. */
  shift(): T | undefined {
    const entry = this.#first
    if (entry === undefined) return undefined
    this.remove(entry)
    return entry.value
  }

  /** Takes an entry out, wherever it stands. It must be in line. */
  remove(entry: QueueEntry<T>): void {
    const { previous, next } = entry
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
    this.#size -= 1
  }
}
