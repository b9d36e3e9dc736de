import { CallError } from '../../chassis/errors.ts'
import { type CallContext, defineWorkload, moduleBeside } from '../../chassis/workload.ts'
import { textMethod } from './text-method.ts'

/** What no caller may ever see. */
export const secret = 'hunter2'

/** Methods of `failingWorkload`. Each takes the name of a way to fail, and says it again when that did not fail. */
export const FailingService = {
  inHandler: textMethod('/test.v1.FailingService/InHandler', { requestStream: false, responseStream: false }),
  inTask: textMethod('/test.v1.FailingService/InTask', { requestStream: false, responseStream: false }),
  inList: textMethod('/test.v1.FailingService/InList', { requestStream: false, responseStream: true }),
  /** Joins what it is sent; `break` makes it answer at once, without reading on. */
  join: textMethod('/test.v1.FailingService/Join', { requestStream: true, responseStream: false }),
} as const

/** Ways in which the code of a workload may fail, by name. */
export const ways: Record<string, () => unknown> = {
  error: () => {
    throw new Error(`cannot reach postgres://user:${secret}@db`)
  },
  text: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- workloads of others do such things
    throw `text with ${secret}`
  },
  circle: () => {
    const circle: Record<string, unknown> = { secret }
    circle['self'] = circle
    // oxlint-disable-next-line typescript/only-throw-error -- workloads of others do such things
    throw circle
  },
  nested: () => {
    throw new AggregateError([new Error(secret)], secret, { cause: new Error(secret) })
  },
  nothing: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- workloads of others do such things
    throw undefined
  },
  surrogate: () => {
    throw new CallError('invalid_argument', `half of a pair: \ud800 and ${'\u{1f600}'.repeat(400)}`)
  },
}

/** A workload that fails in every way that code can. */
export const failingWorkload = defineWorkload({
  name: 'failing',
  service: FailingService,
  handlers: {
    inHandler: (way) => {
      ways[way]?.()
      return way
    },
    inTask: async (way, call: CallContext) => call.run<string>('fail', way),
    inList: async function* (way) {
      yield 'first'
      ways[way]?.()
    },
    join: async (texts) => {
      const all: string[] = []
      for await (const text of texts) {
        all.push(text)
        if (text === 'break') break
        ways[text]?.()
      }
      return all.join(' ')
    },
  },
  tasks: moduleBeside('tasks/fails', import.meta.url),
  idempotent: true,
})
