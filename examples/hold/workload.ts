import { invalidArgument } from '../../chassis/errors.ts'
import { defineWorkload, moduleBeside } from '../../chassis/workload.ts'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'

/** Longest time that a worker can be held, in ms. */
const maxMs = 30_000

/** Holds a worker for a given time. */
export const hold = defineWorkload({
  name: 'hold',
  service: HoldServiceService,
  handlers: {
    hold: async ({ milliseconds, compute }, call) => {
      if (!(milliseconds >= 0 && milliseconds <= maxMs)) {
        throw invalidArgument('milliseconds', `${milliseconds} is not within 0 and ${maxMs}`)
      }
      const heldMilliseconds = await call.run<number>('hold', { milliseconds, compute }, { expectedMs: milliseconds })
      return { heldMilliseconds }
    },
  },
  tasks: moduleBeside('tasks', import.meta.url),
  idempotent: true,
  descriptors: new URL('../../gen/descriptors/hold.binpb', import.meta.url),
})
