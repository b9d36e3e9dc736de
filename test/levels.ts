import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findEnvoy } from '../deploy/local/envoy-binary.ts'
import { missingConnectConformance } from './conformance/connect/run.ts'
import { missingInterop } from './conformance/interop/programs.ts'
import { missingCluster } from './cluster/support/missing-cluster.ts'
import { missingHelm } from './helm/support/find-helm.ts'

const run = promisify(execFile)

/** One level of the tests: what it proves, where it lies, and what it needs beside Node. */
export interface Level {
  name: string
  about: string
  files: readonly string[]
  /** Files that run at once; one where a load is measured. */
  concurrency: number
  /** What one file may take; default three minutes, which is above every test's own bound. */
  timeoutMs?: number
  /** Why this machine cannot run it, with what would enable it; undefined when it can. */
  missing: () => Promise<string | undefined>
}

const nothing = async (): Promise<undefined> => undefined

/** All levels, quickest first. */
export const levels: readonly Level[] = [
  {
    name: 'unit',
    about: 'one module at a time, beside its code',
    files: ['{chassis,service,client,control-plane,cli,deploy,envoy,examples,test}/**/*.test.ts'],
    concurrency: 2,
    missing: nothing,
  },
  {
    name: 'integration',
    about: 'several modules over real sockets, threads and processes',
    files: ['test/integration/**/*.test.ts'],
    concurrency: 2,
    missing: nothing,
  },
  {
    name: 'docs',
    about: 'documents compared with the code',
    files: ['test/docs/**/*.test.ts'],
    concurrency: 2,
    missing: nothing,
  },
  {
    name: 'helm',
    about: 'the chart as Helm renders it, against those who read it',
    files: ['test/helm/**/*.test.ts'],
    concurrency: 2,
    // Some render the chart hundreds of times.
    timeoutMs: 10 * 60_000,
    missing: async () => missingHelm(),
  },
  {
    name: 'envoy',
    about: 'a real Envoy in front of real replicas',
    files: ['test/envoy/**/*.test.ts'],
    concurrency: 1,
    missing: missingEnvoy,
  },
  {
    name: 'conformance',
    about: 'cases of Connect and of grpc-go against our servers and our client',
    files: ['test/conformance/**/*.test.ts'],
    concurrency: 1,
    // Four runs of a suite.
    timeoutMs: 10 * 60_000,
    missing: async () => missingConnectConformance() ?? missingInterop() ?? missingEnvoy(),
  },
  {
    name: 'containers',
    about: 'the image, three replicas and Envoy under Docker',
    files: ['test/containers/**/*.test.ts'],
    concurrency: 1,
    missing: async () => (await missingDocker()) ?? missingEnvoy(),
  },
  {
    name: 'cluster',
    about: 'the chart on a real Kubernetes, with calls that are all counted',
    files: ['test/cluster/*.test.ts'],
    concurrency: 1,
    timeoutMs: 45 * 60_000,
    missing: missingCluster,
  },
]

async function missingEnvoy(): Promise<string | undefined> {
  const found = await findEnvoy({ environment: process.env })
  return 'missing' in found ? found.missing : undefined
}

async function missingDocker(): Promise<string | undefined> {
  try {
    await run('docker', ['info'], { timeout: 20_000 })
    return undefined
  } catch {
    return 'no Docker engine answers `docker info`; install one and start it'
  }
}
