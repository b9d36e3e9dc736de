import type { Rendering } from '../support/rendering.ts'
import type { Values } from '../support/render.ts'

/** What one value does: with it set, something rendered becomes what it was not before. */
export interface ValueCase {
  /** The value's path begins the sentence. */
  says: string
  set: unknown
  /** Other values that must be set for it to be seen, before and after. */
  given?: Values
  /** Where it is seen. */
  at: string | ((rendering: Rendering) => unknown)
  /** What is there then; what was set unless said. */
  is?: unknown
}

/** Cases by the path of their value. */
export type ValueCases = Record<string, ValueCase>

/** Something of envoy.yaml. */
export function inEnvoy(path: string): (rendering: Rendering) => unknown {
  return (rendering) => rendering.inEnvoy(path)
}
