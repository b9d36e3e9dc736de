import { setImmediate as nextTurn } from 'node:timers/promises'

let warm = false

/** Tells whether the thread was warmed up before its first task. */
export const tasks = {
  isWarm: (): boolean => warm,
}

/** Takes some turns of the event loop. */
export async function warmUp(given: typeof tasks): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
  warm = given === tasks
}
