import { release } from './install-chart.ts'
import { type LoadPod, startLoadPod } from './load-pod.ts'
import type { Stage } from './stage.ts'
import type { LoadRecord } from './step-record.ts'

/** Calls per second of each load. */
const rate = 150

/** One of the two loads that run during a step. */
export interface Caller extends Pick<LoadRecord, 'name' | 'target' | 'retries' | 'rate'> {
  pod: LoadPod
}

const callers = [
  { name: 'envoy', target: `${release}-envoy:8080`, retries: 'transparent', rate },
  { name: 'proxyless', target: `xds:///${release}`, retries: 'transparent', rate },
] as const

/** Starts one connection to Envoy, and a caller without a proxy beside it; resolves when both run. */
export async function startCallers(
  { kubectl, callersNode: node }: Stage,
  parts: AsyncDisposableStack,
): Promise<Caller[]> {
  return Promise.all(
    callers.map(async (caller) => {
      const { name, target, retries } = caller
      const schedule = ['--rate', String(rate), '--for', '10m', '--retries', retries, '--service', 'primes']
      const args = ['--target', target, ...schedule]
      const options = { name: `load-${name}`, args, node, ...(name === 'proxyless' ? withBootstrap : {}) }
      return { ...caller, pod: parts.use(await startLoadPod(kubectl, options)) }
    }),
  )
}

/** The chart says to callers without a proxy where the control plane is. */
const withBootstrap = {
  env: [{ name: 'GRPC_XDS_BOOTSTRAP', value: '/etc/xds/bootstrap.json' }],
  volumes: [{ name: 'xds', configMap: { name: `${release}-xds-bootstrap` } }],
  mounts: [{ name: 'xds', mountPath: '/etc/xds', readOnly: true }],
}
