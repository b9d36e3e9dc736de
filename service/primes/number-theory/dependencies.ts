/**
 * Finds sets of rows over GF(2) that sum to zero, while rows are added: Gaussian elimination row by row. The highest set
 * bit is cleared first, as the columns of the large primes are the sparsest. No more than `columns` rows are kept.
 */
export class Dependencies {
  readonly #words: number
  /** For each column the reduced row whose highest bit it is: the row's bits, then which kept rows were summed to it. */
  readonly #pivots: (Uint32Array | undefined)[]
  #kept = 0

  constructor(columns: number) {
    this.#words = Math.ceil(columns / 32)
    this.#pivots = Array.from({ length: columns })
  }

  /**
   * Adds the row with ones in these columns; a column named twice cancels. Where the row depends on kept ones, it is not
   * kept and their numbers are returned: together with it they sum to zero. Otherwise it is kept under the next number.
   */
  add(columns: readonly number[]): number[] | undefined {
    const words = this.#words
    const row = new Uint32Array(2 * words)
    for (const column of columns) row[column >>> 5]! ^= 1 << (column & 31)
    for (let word = words - 1; word >= 0; word--) {
      while (row[word] !== 0) {
        const column = 32 * word + 31 - Math.clz32(row[word]!)
        const pivot = this.#pivots[column]
        if (pivot === undefined) {
          row[words + (this.#kept >>> 5)]! ^= 1 << (this.#kept & 31)
          this.#kept++
          this.#pivots[column] = row
          return undefined
        }
        this.#subtract(row, pivot, word)
      }
    }
    return this.#summedRows(row)
  }

  #subtract(row: Uint32Array, pivot: Uint32Array, highestWord: number): void {
    for (let word = 0; word <= highestWord; word++) row[word]! ^= pivot[word]!
    const end = this.#words + (this.#kept >>> 5)
    for (let word = this.#words; word <= end; word++) row[word]! ^= pivot[word]!
  }

  #summedRows(row: Uint32Array): number[] {
    const rows: number[] = []
    for (let number = 0; number < this.#kept; number++) {
      if ((row[this.#words + (number >>> 5)]! >>> (number & 31)) & 1) rows.push(number)
    }
    return rows
  }
}
