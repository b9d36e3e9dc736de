/** Computing of a known amount, for measurements. */
export const tasks = {
  /** Does `times` jobs one after the other, each of `steps` steps; returns the wall time of all in milliseconds. */
  compute: ({ steps, times }: { steps: number; times: number }): number => {
    const begunMs = performance.now()
    let state = 1
    for (let job = 0; job < times; job += 1) state = churn(state, steps)
    return state === 0 ? 0 : performance.now() - begunMs
  },

  echo: (input: unknown): unknown => input,
}

/** Runs the job until it is compiled. */
export function warmUp(): void {
  for (let round = 0; round < 200; round += 1) tasks.compute({ steps: 10_000, times: 1 })
}

function churn(seed: number, steps: number): number {
  let state = seed
  for (let step = 0; step < steps; step += 1) state = (Math.imul(state, 48_271) + 11) | 0
  return state
}
