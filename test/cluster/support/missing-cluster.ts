import process from 'node:process'
import { missingHelm } from '../../helm/support/find-helm.ts'
import { runProgram } from './programs.ts'

/** Why there is no cluster for the proofs, with what would enable them; undefined when KUBECONFIG names one that answers. */
export async function missingCluster(): Promise<string | undefined> {
  const { KUBECONFIG: kubeconfig = '' } = process.env
  const remedy = '`npm run test:cluster` brings one up on Debian, or set KUBECONFIG'
  if (kubeconfig === '') return `KUBECONFIG names no cluster; ${remedy}`
  try {
    await runProgram('kubectl', ['version', '--request-timeout=10s'], { timeoutMs: 20_000 })
    return missingHelm()
  } catch (error) {
    return `no cluster answers at KUBECONFIG=${kubeconfig}: ${(error as Error).message.split('\n').at(-1)}; ${remedy}`
  }
}
