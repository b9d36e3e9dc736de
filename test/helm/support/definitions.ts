import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'

const run = promisify(execFile)

/** A Go module at a version, and the files in it that define kinds which the chart uses. */
interface Source {
  module: string
  version: string
  files: readonly string[]
}

/** Who defines the kinds that no Kubernetes has by itself. The newest versions that Go 1.26 takes. */
const sources: readonly Source[] = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    files: ['servicemonitors', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    files: ['scaledobjects', 'triggerauthentications'].map((kind) => `config/crd/bases/keda.sh_${kind}.yaml`),
  },
  {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.6.3',
    files: ['config/crd/standard/gateway.networking.k8s.io_grpcroutes.yaml'],
  },
  { module: 'istio.io/api', version: 'v1.32.0', files: ['kubernetes/customresourcedefinitions.gen.yaml'] },
  {
    module: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    files: ['certificates', 'issuers'].map((kind) => `deploy/crds/cert-manager.io_${kind}.yaml`),
  },
]

/** A CustomResourceDefinition, as far as tests read it. */
export interface Definition {
  metadata: { name: string }
  spec: {
    group: string
    names: { kind: string }
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Record<string, unknown> } }[]
  }
}

/**
 * The definitions of all kinds that others define, as their projects publish them. Go fetches their modules once and checks
 * their hashes. Rejects where there is no Go, or no module proxy that it reaches.
 */
export async function fetchDefinitions(): Promise<Definition[]> {
  const texts = await Promise.all(sources.map(definitionTexts))
  return texts.flat().flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Definition))
}

async function definitionTexts({ module, version, files }: Source): Promise<string[]> {
  const folder = await fetchModule(module, version)
  return Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
}

/** The folder of a Go module at a version, fetched and checked unless it is here. */
export async function fetchModule(module: string, version: string): Promise<string> {
  // Outside of any module: inside one, its go.mod would choose the version.
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: tmpdir() })
  const { Dir: folder }: { Dir: string } = JSON.parse(stdout)
  return folder
}
