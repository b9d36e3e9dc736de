import type { Random } from './random.ts'

/** How many of `trials` attempts succeed at random, each with `chance` from 0 to 0.5. Exact, in constant time. */
export function drawBinomial(trials: number, chance: number, random: Random): number {
  return trials * chance < 10 ? drawByInversion(trials, chance, random) : drawByRejection(trials, chance, random)
}

function drawByInversion(trials: number, chance: number, random: Random): number {
  const odds = chance / (1 - chance)
  let probability = (1 - chance) ** trials
  let rest = random()
  let count = 0
  while (rest > probability && count < trials) {
    rest -= probability
    count += 1
    probability *= (odds * (trials - count + 1)) / count
  }
  return count
}

/** Algorithm BTRS of W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993). */
function drawByRejection(trials: number, chance: number, random: Random): number {
  const deviation = Math.sqrt(trials * chance * (1 - chance))
  const b = 1.15 + 2.53 * deviation
  const a = -0.0873 + 0.0248 * b + 0.01 * chance
  const centre = trials * chance + 0.5
  const quickLimit = 0.92 - 4.2 / b
  const alpha = (2.83 + 5.1 / b) * deviation
  const logOdds = Math.log(chance / (1 - chance))
  const mode = Math.floor((trials + 1) * chance)
  for (;;) {
    const u = random() - 0.5
    const v = random()
    const us = 0.5 - Math.abs(u)
    const count = Math.floor(((2 * a) / us + b) * u + centre)
    if (us >= 0.07 && v <= quickLimit) return count
    if (count < 0 || count > trials) continue
    const accepted =
      logFactorial(mode) +
      logFactorial(trials - mode) -
      logFactorial(count) -
      logFactorial(trials - count) +
      (count - mode) * logOdds
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= accepted) return count
  }
}

/** Natural logarithm of n!, by Stirling's series where it is exact to double precision. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1
    for (let factor = 2; factor <= n; factor += 1) product *= factor
    return Math.log(product)
  }
  const square = n * n
  const correction = (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / n
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + correction
}
