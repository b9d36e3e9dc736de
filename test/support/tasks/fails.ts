import { exit } from 'node:process'
import { ways } from '../failing-workload.ts'

/** Fails in a way of `ways`; `exit` ends the thread, `uncloneable` returns what cannot be sent, `wait` takes a second. */
export const tasks = {
  fail: (way: string, { wait }: { wait: (ms: number) => void }): unknown => {
    if (way === 'exit') exit(3)
    if (way === 'wait') wait(1000)
    if (way === 'uncloneable') return () => way
    ways[way]?.()
    return way
  },
}
