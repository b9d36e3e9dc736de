import type { Fleet } from '../../deploy/local/fleet.ts'
import type { Entrance } from './entrance.ts'
import { fleetHelp } from './fleet-commands.ts'

/** The calls that fit a workload, as they are typed. */
const callsOf: Record<string, readonly string[]> = {
  primes: [
    'npx evenkeel check 25 18446744073709551557',
    'npx evenkeel factorize 340282366920938463463374607431768211457',
    'npx evenkeel list 1 100',
    'npx evenkeel spread --rate 500 --for 10s --job tiny --expect-pods 3',
  ],
  hold: ['npx evenkeel spread --service hold --rate 200 --for 10s --job mix --expect-pods 3'],
}

/** For a workload of one's own; reflection tells spread what its methods take. */
const callsOfOthers = [
  "npx evenkeel spread --call package.Service/Method --data '{}' --rate 100 --for 10s --expect-pods 3",
]

/** What can be typed once a fleet stands. */
export function epilogue(workload: string, fleet: Fleet, entrance: Entrance): string {
  const count = fleet.replicas.length
  const calls = (callsOf[workload] ?? callsOfOthers).map(
    (call) => `  ${call.replace('--expect-pods 3', `--expect-pods ${count}`)}${entrance.flags(fleet)}`,
  )
  const who = `${count} ${count === 1 ? 'replica serves' : 'replicas serve'} at ${entrance.address(fleet)}`
  return [`${who}. Try, from a second shell:`, ...calls, `${fleetHelp} Ctrl-C ends all of it.`].join('\n')
}
