import type { Source } from './source.ts'

/** A source of one service, whose name is known before it is read. */
export interface ServiceSource extends Source {
  readonly service: string
}
