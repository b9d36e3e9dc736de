import { runConnectSuite } from './connect/run.ts'
import { runGoClient } from './interop/go-client.ts'
import { runOurClient } from './interop/our-client.ts'
import type { Outcome } from './outcome.ts'
import type { Way } from './ways.ts'

/** Cases that others have written, against something of ours. */
export interface Suite {
  /** What runs against what. */
  name: string
  /** How `known-failures.ts` calls it. */
  key: 'connect' | 'go-client' | 'our-client'
  run: (way: Way) => Promise<Outcome>
}

/** All suites, each over all ways. */
export const suites: readonly Suite[] = [
  { name: "Connect's suite against our server", key: 'connect', run: runConnectSuite },
  { name: "grpc-go's client against our server", key: 'go-client', run: runGoClient },
  { name: "our client against grpc-go's server", key: 'our-client', run: runOurClient },
]
