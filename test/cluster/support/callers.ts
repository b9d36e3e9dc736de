import { release } from './install-chart.ts'
import { type LoadPod, type LoadPodOptions, startLoadPod } from './load-pod.ts'
import type { Stage } from './stage.ts'
import type { LoadRecord } from './step-record.ts'

/** Who calls during a step. */
export type CallerName = LoadRecord['name']

/** One of the loads that run during a step. */
export interface Caller extends Pick<LoadRecord, 'name' | 'target' | 'retries' | 'rate'> {
  pod: LoadPod
}

/** How one calls; what it mounts is a ConfigMap or a Secret of the release. */
interface CallerKind {
  target: (namespace: string) => string
  /** Calls per second. */
  rate: number
  args?: readonly string[]
  pod?: Pick<LoadPodOptions, 'env' | 'volumes' | 'mounts'>
}

const envoy = `${release}-envoy`
const tiny = { rate: 150, args: ['--service', 'primes', '--job', 'tiny'] }

const kinds: Record<CallerName, CallerKind> = {
  envoy: { target: () => `${envoy}:8080`, ...tiny },
  // Of 6.45 ms on average: half a core.
  mixed: {
    target: () => `${envoy}:8080`,
    rate: 80,
    args: ['--service', 'primes', '--job', 'mix', '--arrivals', 'poisson'],
  },
  foreign: {
    target: () => `${envoy}:8080`,
    rate: tiny.rate,
    // Its answers say nothing of who gave them; Envoy's header does.
    args: [
      '--call',
      'foreign.v1.CollatzService/Longest',
      '--data',
      '{"value": 3000}',
      '--identify-by',
      'header:evenkeel-endpoint',
    ],
  },
  tls: {
    target: (namespace) => `${envoy}.${namespace}.svc:8080`,
    rate: tiny.rate,
    args: [...tiny.args, '--tls-authorities', '/etc/tls/ca.crt'],
    pod: {
      volumes: [
        { name: 'tls', secret: { secretName: `${envoy}-callers-tls`, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ],
      mounts: [{ name: 'tls', mountPath: '/etc/tls', readOnly: true }],
    },
  },
  proxyless: {
    target: () => `xds:///${release}`,
    ...tiny,
    // The chart says to callers without a proxy where the control plane is.
    pod: {
      env: [{ name: 'GRPC_XDS_BOOTSTRAP', value: '/etc/xds/bootstrap.json' }],
      volumes: [{ name: 'xds', configMap: { name: `${release}-xds-bootstrap` } }],
      mounts: [{ name: 'xds', mountPath: '/etc/xds', readOnly: true }],
    },
  },
}

/** Starts a load, each over one connection or without a proxy; resolves when it runs. Stopped and removed with `parts`. */
export async function startCaller(
  { kubectl, callersNode: node }: Stage,
  name: CallerName,
  parts: AsyncDisposableStack,
): Promise<Caller> {
  const { target: targetIn, rate, args = [], pod: podOptions } = kinds[name]
  const retries = 'transparent'
  const target = targetIn(kubectl.namespace)
  // A node that is cut off takes an Envoy and its connections with it.
  const connection = ['--retries', retries, '--keepalive-ms', '1000']
  const schedule = ['--rate', String(rate), '--for', '15m', ...connection]
  const options = { name: `load-${name}`, node, args: ['--target', target, ...schedule, ...args], ...podOptions }
  return { name, target, retries, rate, pod: parts.use(await startLoadPod(kubectl, options)) }
}
