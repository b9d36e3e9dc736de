import type { TaskContext, Tasks } from '../../chassis/workload.ts'

/** How long, and whether with a busy core. */
export interface Hold {
  milliseconds: number
  compute: boolean
}

/** What runs on worker threads. */
export const tasks = {
  hold: ({ milliseconds, compute }: Hold, context: TaskContext): number => {
    const startMs = performance.now()
    if (compute) burn(startMs + milliseconds, context)
    else context.wait(milliseconds)
    return performance.now() - startMs
  },
} satisfies Tasks

function burn(untilMs: number, { throwIfStopped }: TaskContext): void {
  while (performance.now() < untilMs) throwIfStopped()
}
