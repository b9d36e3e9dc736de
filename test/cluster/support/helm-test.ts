import { release } from './install-chart.ts'
import type { Kubectl } from './kubectl.ts'
import { runProgram } from './programs.ts'

/**
 * Runs `helm test`, and resolves to what its pods printed. It is run a second time when the first fails: of a hundred fair dice one
 * is as uneven as none of the others, and an Envoy that asks DNS knows new pods some seconds after their installation only. What
 * is really wrong fails again.
 */
export async function helmTest(kubectl: Kubectl): Promise<string> {
  const args = ['test', release, '--namespace', kubectl.namespace, '--logs', '--timeout', '2m']
  const options = { timeoutMs: 150_000 }
  return runProgram('helm', args, options).catch((error: Error) => {
    console.error(`once more: ${error.message}`)
    return runProgram('helm', args, options)
  })
}
