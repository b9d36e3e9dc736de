import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import type { FrameCounts } from './frame-counts.ts'
import type { FloodName } from './kinds.ts'

/** One flood: what is sent, to where, how often on each connection. */
export interface FloodOptions {
  name: FloodName
  /** `host:port`. */
  address: string
  /** Method that is called. */
  path: string
  /** Times on each connection. */
  count: number
  /** As fast as the other end reads, unless said. */
  ratePerSecond?: number
  /** 1 unless said. */
  connections?: number
  /** Body, in base64, of a proper call that each connection makes after that. */
  lastCall?: string
  /** True to hang up once all is sent. */
  hangUp?: boolean
  /** True to connect anew for ever. */
  lasting?: boolean
}

/** What a flood has sent, and what the other end has said to it. */
export interface FloodReport extends FrameCounts {
  sent: number
  /** Connections that were opened, and those of them that the other end has ended. */
  opened: number
  closed: number
}

/** A flood that goes on; disposing ends it. */
export interface Flood extends AsyncDisposable {
  /** Resolves when its process begins. */
  readonly began: Promise<void>
  /** Resolves when every connection was ended by the other end. */
  readonly ended: Promise<FloodReport>
  /** Resolves when one connection has sent all, or was ended. */
  readonly sentAll: Promise<FloodReport>
  /** As it stands now. */
  report(): Promise<FloodReport>
}

/** Why the process of a flood says where it stands. */
type State = 'began' | 'now' | 'sent' | 'ended'

/** Starts a flood in a process of its own, so that it does not share the event loop of its victims. */
export function startFlood(options: FloodOptions): Flood {
  const child = fork(resolve(import.meta.dirname, 'flood-child.ts'), [JSON.stringify(options)], { execArgv: [] })
  const exited = once(child, 'exit')
  const began = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<FloodReport>()
  const sentAll = Promise.withResolvers<FloodReport>()
  let answer = Promise.withResolvers<FloodReport>()
  child.on('message', ({ state, ...report }: FloodReport & { state: State }) => {
    if (state === 'began') began.resolve()
    else if (state === 'now') answer.resolve(report)
    else sentAll.resolve(report)
    if (state === 'ended') ended.resolve(report)
  })
  return {
    began: began.promise,
    ended: ended.promise,
    sentAll: sentAll.promise,
    report: () => {
      if (!child.connected) return ended.promise
      answer = Promise.withResolvers()
      child.send('report')
      return answer.promise
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
