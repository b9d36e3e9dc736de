import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { clusterCache, runProgram } from './programs.ts'

const kubernetes = resolve(import.meta.dirname, '../kubernetes')

/** The kubeconfig that `kubernetes/up` writes. */
export const ownKubeconfig = join(clusterCache, 'kubeconfig')

/** True when KUBECONFIG names the cluster of `kubernetes/up` and that runs on this machine: only there can faults be made. */
export function isOwnCluster(): boolean {
  return process.env['KUBECONFIG'] === ownKubeconfig && existsSync('/run/evenkeel-cluster/node-1.pid')
}

/** Runs a command of `kubernetes/fault`, such as `cut-off 2`. */
export async function fault(...args: string[]): Promise<void> {
  await runProgram(join(kubernetes, 'fault'), args)
}

/** The number in a node's name, as `fault` wants it. */
export const nodeNumber = (node: string): string => node.replace(/^node-/, '')
