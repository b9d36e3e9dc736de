import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { V1Container, V1Probe } from '@kubernetes/client-node'
import { render, type Values } from './support/render.ts'
import type { PodTemplate, Rendering } from './support/rendering.ts'
import { valueSets } from './support/value-sets.ts'

const all = valueSets().flatMap(({ name, rendering }) =>
  rendering.pods().map((pod) => ({ ...pod, place: `${name}: ${pod.name}` })),
)
const spec = ({ template }: PodTemplate) => template.spec
/** Those of `helm test` end by themselves. */
const lasting = all.filter(({ component }) => component !== 'test')

/** A rule that every pod follows: what is seen of each that does not is told. */
function everyPod(rule: string, holds: (pod: PodTemplate) => boolean, pods = all): void {
  test(rule, () => {
    assert.ok(pods.length > 0)
    assert.deepEqual(
      pods.filter((pod) => !holds(pod)).map(({ place }) => place),
      [],
    )
  })
}

function everyContainer(rule: string, holds: (container: V1Container, pod: PodTemplate) => boolean, pods = all): void {
  everyPod(rule, (pod) => pod.containers.every((container) => holds(container, pod)), pods)
}

everyPod('pods run as a user with a number, who is not root', (pod) => {
  const { runAsNonRoot, runAsUser = 0, seccompProfile } = spec(pod).securityContext ?? {}
  return runAsNonRoot === true && runAsUser > 0 && seccompProfile?.type === 'RuntimeDefault'
})

everyContainer(
  'containers have no privileges, gain none, and write to nothing of their image',
  ({ securityContext }) => {
    const { allowPrivilegeEscalation, capabilities, readOnlyRootFilesystem, ...rest } = securityContext ?? {}
    const bare = JSON.stringify(capabilities) === '{"drop":["ALL"]}' && Object.keys(rest).length === 0
    return allowPrivilegeEscalation === false && readOnlyRootFilesystem === true && bare
  },
)

everyPod('pods have nothing of their node', (pod) => {
  const { hostNetwork, hostPID, hostIPC, volumes = [] } = spec(pod)
  const kinds = volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name')
  return !hostNetwork && !hostPID && !hostIPC && kinds.every((kind) => ['configMap', 'secret'].includes(kind))
})

everyPod('pods get no variables of the Services around them', (pod) => spec(pod).enableServiceLinks === false)

everyPod('pods of the control plane alone have a token of the API server', (pod) => {
  const { automountServiceAccountToken, serviceAccountName } = spec(pod)
  const needed = pod.component === 'control-plane'
  return automountServiceAccountToken === needed && (serviceAccountName !== undefined) === needed
})

everyContainer('images have a tag that is not `latest`', ({ image = '' }) => /:(?!latest$)[\w.-]+$/.test(image))

everyContainer('containers say what they need, and how much memory and disk they get at most', ({ resources }) => {
  const { requests = {}, limits = {} } = resources ?? {}
  const wanted = ['cpu', 'memory', 'ephemeral-storage']
  return wanted.every((name) => name in requests) && wanted.slice(1).every((name) => name in limits)
})

everyContainer(
  'containers that serve are asked whether they have started, are ready, and live; asking takes no shell',
  ({ name, startupProbe, readinessProbe, livenessProbe }) => {
    const probes = [startupProbe, readinessProbe, livenessProbe]
    const asks = (probe?: V1Probe): boolean => probe !== undefined && probe.exec === undefined
    // The container that drains Envoy serves nobody.
    return name === 'drain' ? probes.every((probe) => probe === undefined) : probes.every(asks)
  },
  lasting,
)

everyContainer('whether a pod lives is asked longer than whether it is ready', ({ livenessProbe, readinessProbe }) => {
  const seconds = ({ periodSeconds = 10, failureThreshold = 3 }: V1Probe = {}) => periodSeconds * failureThreshold
  return livenessProbe === undefined || seconds(livenessProbe) > seconds(readinessProbe)
})

everyContainer('ports have names, and ports of one pod differ', ({ ports = [] }, { containers }) => {
  const others = containers.flatMap((container) => container.ports ?? []).map(({ containerPort }) => containerPort)
  return new Set(others).size === others.length && ports.every(({ name = '' }) => /^[a-z-]{1,15}$/.test(name))
})

everyContainer('probes ask ports that the container has', ({ ports = [], ...container }) => {
  const has = (asked: unknown): boolean =>
    ports.some(({ name, containerPort }) => [name, containerPort].includes(asked as string))
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe]
  return probes.every((probe) => {
    const { port } = probe?.grpc ?? probe?.httpGet ?? probe?.tcpSocket ?? {}
    return port === undefined || has(port)
  })
})

everyPod('a sleep before SIGTERM ends before the pod is killed', (pod) => {
  const { terminationGracePeriodSeconds: grace = 30 } = spec(pod)
  return pod.containers.every(({ lifecycle }) => (lifecycle?.preStop?.sleep?.seconds ?? 0) < grace)
})

everyPod(
  'pods of a Deployment are spread over nodes and zones, counted by generation',
  (pod) => {
    const constraints = spec(pod).topologySpreadConstraints ?? []
    const labels = pod.template.metadata?.labels ?? {}
    const own = constraints.every(({ labelSelector, matchLabelKeys = [] }) => {
      const selected = Object.entries(labelSelector?.matchLabels ?? {})
      return (
        selected.length > 0 &&
        selected.every(([key, value]) => labels[key] === value) &&
        matchLabelKeys.includes('pod-template-hash')
      )
    })
    return (
      own &&
      constraints.map(({ topologyKey }) => topologyKey).join() === 'kubernetes.io/hostname,topology.kubernetes.io/zone'
    )
  },
  lasting,
)

everyContainer(
  'certificates are mounted as a folder, so that new ones arrive without a restart',
  ({ volumeMounts = [] }) => volumeMounts.every(({ subPath, readOnly }) => subPath === undefined && readOnly === true),
)

everyPod(
  'a new version of the chart alone restarts no pod, and neither does a new certificate',
  ({ template }) => {
    const { labels = {}, annotations = {} } = template.metadata ?? {}
    const marks = Object.keys(annotations).filter(
      (name) => !['checksum/config', 'helm.sh/hook', 'helm.sh/hook-delete-policy'].includes(name),
    )
    return !('helm.sh/chart' in labels) && !('app.kubernetes.io/version' in labels) && marks.length === 0
  },
  lasting,
)

/** Percent of the memory limit that the heap of each thread of a service pod may take; undefined for no bound. */
const heapPercent = (service: Values): unknown =>
  render({ service }).at('Deployment/evenkeel spec template spec containers service env NODE_OPTIONS value')

test('heaps of all threads of a pod fit into 60 percent of its memory, for any number of workers', () => {
  const flag = (percent: number): string => `--max-old-space-size-percentage=${percent}`
  const limits = { memory: '512Mi' }
  assert.equal(heapPercent({ resources: { limits: { cpu: '1', ...limits } } }), flag(20))
  assert.equal(heapPercent({ resources: { limits: { cpu: '1500m', ...limits } } }), flag(15))
  assert.equal(heapPercent({ workers: 1 }), flag(20))
  assert.equal(heapPercent({ resources: { limits: { cpu: 4, ...limits }, requests: { cpu: '1' } } }), flag(10))
  assert.equal(heapPercent({ resources: { limits: { cpu: null, ...limits }, requests: { cpu: '2' } } }), flag(15))
  assert.equal(heapPercent({ resources: { limits: { cpu: '1', memory: null } } }), undefined)
})

test('calls of a foreign image are not repeated once a pod may have begun them, unless it says that they may be', () => {
  const retryOn = (service: Values): string => JSON.stringify(render({ service }).at('ConfigMap/evenkeel-envoy data'))
  assert.match(retryOn({}), /unavailable,reset/)
  assert.doesNotMatch(retryOn({ chassis: false }), /unavailable,reset/)
  assert.match(retryOn({ chassis: false, idempotent: true }), /unavailable,reset/)
})

test('a Secret of TLS without one of its parts keeps new pods from starting, so that the old ones go on', () => {
  const keys = (rendering: Rendering, deployment: string, volume: string): unknown => {
    const items = rendering.at(`Deployment/${deployment} spec template spec volumes ${volume} secret items`)
    return (items as { key: string }[]).map(({ key }) => key)
  }
  const both = render({ tls: { callers: { enabled: true }, pods: { enabled: true } } })
  assert.deepEqual(keys(both, 'evenkeel', 'tls'), ['tls.crt', 'tls.key', 'ca.crt'])
  assert.deepEqual(keys(both, 'evenkeel-envoy', 'pods-tls'), ['tls.crt', 'tls.key', 'ca.crt'])
  assert.deepEqual(keys(both, 'evenkeel-envoy', 'callers-tls'), ['tls.crt', 'tls.key'])
  const named = render({ tls: { callers: { enabled: true, requireClientCertificate: true } } })
  assert.deepEqual(keys(named, 'evenkeel-envoy', 'callers-tls'), ['tls.crt', 'tls.key', 'ca.crt'])
})

test('without a number of replicas Helm leaves it to others', () => {
  assert.equal(render({ service: { replicas: null } }).at('Deployment/evenkeel spec replicas'), undefined)
})
