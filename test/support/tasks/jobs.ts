// Big numbers cost the same whether the compiler inlines a job into a loop or not.
const modulus = 2n ** 521n - 1n

/** Computing of a known amount, for measurements. */
export const tasks = {
  /** One job of so many squarings. */
  job: (steps: number): number => {
    let state = 3n
    for (let step = 0; step < steps; step += 1) state = (state * state) % modulus
    return Number(state & 0xffffn)
  },

  /** The same job so many times in a plain loop; returns the milliseconds of all. */
  loop: ({ steps, times }: { steps: number; times: number }): number => {
    const beginMs = performance.now()
    let state = 0
    for (let time = 0; time < times; time += 1) state ^= tasks.job(steps)
    return Number.isNaN(state) ? 0 : performance.now() - beginMs
  },

  echo: (input: unknown): unknown => input,
}

/** Runs the job until it is compiled. */
export function warmUp(): void {
  tasks.loop({ steps: 100, times: 500 })
}
