import { resolve } from 'node:path'
import type { Kubectl } from './kubectl.ts'
import { runProgram } from './programs.ts'

const chart = resolve(import.meta.dirname, '../../../helm/evenkeel')

/** The name of the release, and of its objects. */
export const release = 'evenkeel'

/** Installs the chart, or upgrades what is installed; resolves when all of it is ready. `values` win over those of a file. */
export async function installChart(kubectl: Kubectl, values: object, file?: string): Promise<void> {
  const given = [...(file === undefined ? [] : ['--values', file]), '--values', '-']
  const args = ['upgrade', '--install', release, chart, '--namespace', kubectl.namespace, ...given]
  const bounds = ['--wait', '--timeout', '4m']
  await runProgram('helm', [...args, ...bounds], { input: JSON.stringify(values), timeoutMs: 250_000 })
}
