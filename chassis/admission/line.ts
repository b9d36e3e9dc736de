/** A value in a `Line`; what `remove` needs to take it out of the middle. */
export interface LineEntry<T> {
  readonly value: T
  previous: LineEntry<T> | undefined
  next: LineEntry<T> | undefined
}

/** First in, first out; also from the back, and out of the middle. Every operation takes constant time. */
export class Line<T> {
  #first: LineEntry<T> | undefined
  #last: LineEntry<T> | undefined
  #size = 0

  /** Values in line. */
  get size(): number {
    return this.#size
  }

  /** The value that is next, still in line. */
  get first(): T | undefined {
    return this.#first?.value
  }

  /** Its entry, from which the others are reached. */
  get firstEntry(): LineEntry<T> | undefined {
    return this.#first
  }

  /** The value that came last, still in line. */
  get last(): T | undefined {
    return this.#last?.value
  }

  /** All values, the first one first. The one that was told last may be taken out meanwhile. */
  *values(): Generator<T> {
    for (let entry = this.#first; entry !== undefined; ) {
      const { value, next } = entry
      yield value
      entry = next
    }
  }

  /** Puts a value at the end. */
  push(value: T): LineEntry<T> {
    const entry: LineEntry<T> = { value, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#size += 1
    return entry
  }

  /** Puts a value back before all others. */
  unshift(value: T): LineEntry<T> {
    const entry: LineEntry<T> = { value, previous: undefined, next: this.#first }
    if (this.#first === undefined) this.#last = entry
    else this.#first.previous = entry
    this.#first = entry
    this.#size += 1
    return entry
  }

  /** Takes an entry out, wherever it stands. It must be in line. */
  remove(entry: LineEntry<T>): void {
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
