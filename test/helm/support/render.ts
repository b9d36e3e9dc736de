import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { findHelm } from './find-helm.ts'
import { type KubernetesObject, Rendering } from './rendering.ts'

/** The folder of the chart. */
export const chartFolder = resolve(import.meta.dirname, '../../../helm/evenkeel')

/** Values as a file of them says. */
export type Values = Record<string, unknown>

/** What a release is called, and where it goes. */
export interface Release {
  release?: string
  namespace?: string
  /** Version of Kubernetes; that of Helm's own libraries unless said. */
  kubeVersion?: string
}

/** What `helm template` makes of the chart. Throws with its message where it refuses. */
export function render(values: Values = {}, release: Release = {}): Rendering {
  return new Rendering(objectsIn(renderText(values, release)))
}

/** The same as text. */
export function renderText(values: Values = {}, release: Release = {}): string {
  const { status, stdout, stderr } = template(values, release)
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** Why `helm template` refuses these values. Throws where it takes them. */
export function renderError(values: Values, release: Release = {}): string {
  const { status, stderr } = template(values, release)
  if (status === 0) throw new Error(`the chart takes ${JSON.stringify(values)}`)
  return stderr
}

function template(values: Values, into: Release): ReturnType<typeof runHelm> {
  const { release = 'evenkeel', namespace = 'shop', kubeVersion } = into
  const version = kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]
  const place = ['--namespace', namespace, ...version]
  return runHelm(['template', release, chartFolder, ...place, '--values', '-'], stringify(values))
}

let helm: string | undefined

/** Runs helm to its end, with a text as its input. */
export function runHelm(
  args: readonly string[],
  input = '',
): { status: number | null; stdout: string; stderr: string } {
  helm ??= findHelm()
  return spawnSync(helm, args, { input, encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 24 })
}

function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new Error(`${error.message}\n${document.toString().slice(0, 400)}`)
    return (document.toJS() as KubernetesObject | null) ?? []
  })
}
