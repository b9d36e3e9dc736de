/** Numbers evenly distributed from 0 (included) to 1 (excluded), the same ones for the same seed. Not for secrets. */
export type Random = () => number

/**
 * A generator of its own: sfc32 of PractRand (Chris Doty-Humphrey). Its period is 2^32 numbers at the least. One seed has many
 * streams that know nothing of each other.
 */
export function createRandom(seed: number, stream = 0): Random {
  let [a, b, c, counter] = [stream | 0, Math.floor(seed / 2 ** 32) | 0, seed | 0, 1]
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + result) | 0
    return (result >>> 0) / 2 ** 32
  }
  // Similar seeds give unlike numbers only after the state has been stirred.
  for (let round = 0; round < 16; round += 1) next()
  return next
}
