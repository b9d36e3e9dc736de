import type { Rendering } from '../support/rendering.ts'
import type { ValueCases } from './value-case.ts'

const monitors = { monitoring: { serviceMonitor: { enabled: true } } }
const rules = { monitoring: { prometheusRule: { enabled: true } } }
const board = { monitoring: { dashboard: { enabled: true } } }
const keda = { keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } }
const withoutEnvoy = { envoy: { enabled: false }, proxyless: { enabled: true } }
const gateway = { envoy: { enabled: false }, gateway: { enabled: true, parentRefs: [{ name: 'edge' }] } }

/** The end of an alert's expression: what it compares with. */
const bound =
  (alert: string) =>
  (rendering: Rendering): unknown => {
    const group = rendering.at('PrometheusRule/evenkeel spec groups evenkeel-service rules') as Alert[] | undefined
    return /> ([\d.]+)$/m.exec(group?.find((rule) => rule.alert === alert)?.expr ?? '')?.[1]
  }
interface Alert {
  alert: string
  expr: string
}

const monitoring: ValueCases = {
  'monitoring.serviceMonitor.enabled': {
    says: 'true lets Prometheus read pods, Envoy and control plane',
    set: true,
    at: (rendering) => rendering.ofKind('ServiceMonitor').map(({ metadata }) => metadata.name),
    is: ['evenkeel-control-plane', 'evenkeel-envoy', 'evenkeel'],
  },
  'monitoring.serviceMonitor.labels': {
    says: 'are how Prometheus finds them',
    set: { release: 'prometheus' },
    given: monitors,
    at: 'ServiceMonitor/evenkeel metadata labels release',
    is: 'prometheus',
  },
  'monitoring.serviceMonitor.intervalSeconds': {
    says: 'is how often it reads',
    set: 5,
    given: monitors,
    at: 'ServiceMonitor/evenkeel spec endpoints 0 interval',
    is: '5s',
  },
  'monitoring.prometheusRule.enabled': {
    says: 'true adds alerts',
    set: true,
    at: 'PrometheusRule/evenkeel spec groups evenkeel-service rules 0 alert',
    is: 'EvenkeelRefusesCalls',
  },
  'monitoring.prometheusRule.labels': {
    says: 'are how Prometheus finds them',
    set: { release: 'prometheus' },
    given: rules,
    at: 'PrometheusRule/evenkeel metadata labels release',
    is: 'prometheus',
  },
  'monitoring.prometheusRule.queueWaitMs': {
    says: 'is how long calls may wait, in seconds of Prometheus',
    set: 250,
    given: rules,
    at: bound('EvenkeelCallsWait'),
    is: '0.25',
  },
  'monitoring.prometheusRule.busyPercent': {
    says: 'is how busy workers may be',
    set: 60,
    given: rules,
    at: bound('EvenkeelWorkersBusy'),
    is: '0.6',
  },
  'monitoring.prometheusRule.unevenPercent': {
    says: 'is how much more than the mean a pod may work',
    set: 50,
    given: rules,
    at: bound('EvenkeelBalanceLost'),
    is: '1.5',
  },
  'monitoring.dashboard.enabled': {
    says: 'true adds a dashboard of this release',
    set: true,
    at: (rendering) =>
      JSON.parse((rendering.at('ConfigMap/evenkeel-dashboard data evenkeel.json') as string) ?? '{}').title,
    is: 'Evenkeel: shop/evenkeel',
  },
  'monitoring.dashboard.labels': {
    says: 'are how Grafana finds it',
    set: { board: 'primes' },
    given: board,
    at: 'ConfigMap/evenkeel-dashboard metadata labels board',
    is: 'primes',
  },
}
const trigger = 'ScaledObject/evenkeel spec triggers'

/** What the values below `monitoring`, `keda`, `gateway` and `istio` do. */
export const optionalCases: ValueCases = {
  ...monitoring,
  'keda.enabled': {
    says: 'true leaves the number of pods to KEDA',
    set: true,
    given: { keda: { prometheusUrl: 'http://prometheus:9090' } },
    at: 'ScaledObject/evenkeel spec scaleTargetRef name',
    is: 'evenkeel',
  },
  'keda.prometheusUrl': {
    says: 'is whom KEDA asks',
    set: 'http://elsewhere:9090',
    given: keda,
    at: `${trigger} busy-workers metadata serverAddress`,
  },
  'keda.pollingSeconds': {
    says: 'is how often it asks',
    set: 7,
    given: keda,
    at: 'ScaledObject/evenkeel spec pollingInterval',
  },
  'keda.busyPercent': {
    says: 'is how busy it keeps workers',
    set: 55,
    given: keda,
    at: `${trigger} busy-workers metadata threshold`,
    is: '55',
  },
  'keda.queueWaitMs': {
    says: 'is how long it lets calls wait',
    set: 20,
    given: keda,
    at: `${trigger} queue-wait metadata threshold`,
    is: '20',
  },
  'gateway.enabled': {
    says: 'true lets callers reach pods through a Gateway',
    set: true,
    given: { ...withoutEnvoy, gateway: { parentRefs: [{ name: 'edge' }] } },
    at: 'GRPCRoute/evenkeel spec rules 0 backendRefs evenkeel-direct port',
    is: 50051,
  },
  'gateway.parentRefs': {
    says: 'are the Gateways of the route',
    set: [{ name: 'other', namespace: 'edge' }],
    given: gateway,
    at: 'GRPCRoute/evenkeel spec parentRefs',
  },
  'gateway.hostnames': {
    says: 'are the names it is for',
    set: ['primes.example'],
    given: gateway,
    at: 'GRPCRoute/evenkeel spec hostnames',
  },
  'istio.enabled': {
    says: 'true lets the mesh balance',
    set: true,
    given: withoutEnvoy,
    at: 'DestinationRule/evenkeel spec trafficPolicy loadBalancer simple',
    is: 'LEAST_REQUEST',
  },
}
