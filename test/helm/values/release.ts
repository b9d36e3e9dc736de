import type { Rendering } from '../support/rendering.ts'
import { imageCases } from './of-pods.ts'
import { inEnvoy, type ValueCases } from './value-case.ts'

const each = (read: (pod: ReturnType<Rendering['pods']>[number]) => unknown) => (rendering: Rendering) => [
  ...new Set(rendering.pods().map((pod) => JSON.stringify(read(pod)))),
]
const container = (deployment: string, name: string) => `Deployment/${deployment} spec template spec containers ${name}`
const controlPlane = container('evenkeel-control-plane', 'control-plane')

const balancing: ValueCases = {
  'balancing.policy': {
    says: 'is the policy of Envoy and of callers without it',
    set: 'round_robin',
    at: (rendering) => [
      rendering.inEnvoy(
        'static_resources clusters replicas load_balancing_policy policies 0 typed_extension_config name',
      ),
      rendering.at(`${controlPlane} env EVENKEEL_BALANCING value`),
    ],
    is: ['envoy.load_balancing_policies.round_robin', 'round_robin'],
  },
  'balancing.endpoints': {
    says: 'dns does without a control plane',
    set: 'dns',
    at: (rendering) => rendering.objects.filter(({ metadata }) => metadata.name.includes('control-plane')).length,
    is: 0,
  },
  'balancing.zones': {
    says: 'prefer is told to the control plane, and the zone of an Envoy with it',
    set: 'prefer',
    at: (rendering) => [
      rendering.at(`${controlPlane} env EVENKEEL_ZONES value`),
      rendering.at('Deployment/evenkeel-envoy spec template spec initContainers envoy env ZONE name'),
    ],
    is: ['prefer', 'ZONE'],
  },
  'balancing.dns.ttlSeconds': {
    says: 'is what pods wait for when they leave',
    set: 60,
    given: { balancing: { endpoints: 'dns' } },
    at: `${container('evenkeel', 'service')} lifecycle preStop sleep seconds`,
    is: 63,
  },
  'balancing.dns.refreshSeconds': {
    says: 'is how often Envoy asks',
    set: 3,
    given: { balancing: { endpoints: 'dns' } },
    at: (rendering) => /"dns_refresh_rate":"3s"/.test(JSON.stringify(rendering.inEnvoy('static_resources clusters'))),
    is: true,
  },
}

const peer = [{ namespaceSelector: { matchLabels: { team: 'a' } } }]
const testPods = {
  podSelector: {
    matchLabels: {
      'app.kubernetes.io/name': 'evenkeel',
      'app.kubernetes.io/instance': 'evenkeel',
      'app.kubernetes.io/component': 'test',
    },
  },
}
const network: ValueCases = {
  'networkPolicy.enabled': {
    says: 'false leaves every policy out',
    set: false,
    at: (rendering) => rendering.ofKind('NetworkPolicy').length,
    is: 0,
  },
  'networkPolicy.callers': {
    says: 'are who may call Envoy',
    set: peer,
    at: 'NetworkPolicy/evenkeel-envoy spec ingress 0 from',
  },
  'networkPolicy.proxylessCallers': {
    says: 'are who may call pods and ask the control plane, beside the pods of helm test',
    set: peer,
    given: { proxyless: { enabled: true }, envoy: { enabled: false } },
    at: (rendering) => [
      rendering.at('NetworkPolicy/evenkeel spec ingress 0 from'),
      rendering.at('NetworkPolicy/evenkeel-control-plane spec ingress 0 from'),
    ],
    is: [
      [...peer, testPods],
      [...peer, testPods],
    ],
  },
  'networkPolicy.scrapers': {
    says: 'are who may read metrics of all parts',
    set: peer,
    at: (rendering) =>
      rendering
        .ofKind('NetworkPolicy')
        .map(({ metadata: { name } }) => rendering.at(`NetworkPolicy/${name} spec ingress 1 from`)),
    is: [peer, peer, peer],
  },
  'networkPolicy.apiServerPorts': {
    says: 'is where the control plane finds the API server',
    set: [8443],
    at: 'NetworkPolicy/evenkeel-control-plane spec egress 0 ports',
    is: [{ port: 8443 }],
  },
  'networkPolicy.serviceEgress': {
    says: 'is where service pods may connect to',
    set: [{ ports: [{ port: 4317 }] }],
    at: 'NetworkPolicy/evenkeel spec egress',
  },
}

const load = 'Pod/evenkeel-test-distribution spec containers distribution args'
const tests: ValueCases = Object.fromEntries(
  [
    { path: 'test.method', says: 'is the method that is loaded', set: 'a.B/C', flag: '--call' },
    { path: 'test.data', says: 'is its request', set: '{"a":1}', flag: '--data' },
    { path: 'test.identifyBy', says: 'is where answers say who gave them', set: 'header:x', flag: '--identify-by' },
    { path: 'test.rate', says: 'is how many calls a second are made', set: 50, flag: '--rate' },
    { path: 'test.seconds', says: 'is how long', set: 3, flag: '--for', is: '3s' },
  ].map(({ path, says, set, flag, is = String(set) }) => [
    path,
    {
      says,
      set,
      given: { service: { reflection: true }, test: { method: 'a.b/d' } },
      at: (rendering: Rendering) => {
        const args = rendering.at(load) as string[]
        return args[args.indexOf(flag) + 1]
      },
      is,
    },
  ]),
)

/** What the values do that are not one part's alone. */
export const releaseCases: ValueCases = {
  nameOverride: {
    says: "takes the chart's place in names and labels",
    set: 'primes',
    at: 'Deployment/evenkeel-primes metadata labels app.kubernetes.io/name',
    is: 'primes',
  },
  fullnameOverride: {
    says: 'is the name of all objects, and of the service by xDS',
    set: 'primes',
    at: (rendering) => [
      rendering.at('Service/primes metadata name'),
      rendering.objects.every(({ metadata }) => metadata.name.startsWith('primes')),
    ],
    is: ['primes', true],
  },
  commonLabels: {
    says: 'are on every object and pod',
    set: { team: 'a' },
    at: (rendering) => [
      ...new Set([
        ...rendering.objects.map(({ metadata }) => metadata.labels?.['team']),
        ...rendering.pods().map(({ template }) => template.metadata?.labels?.['team']),
      ]),
    ],
    is: ['a'],
  },
  imagePullSecrets: {
    says: 'are for the images of every pod',
    set: [{ name: 'mine' }],
    at: each(({ template }) => template.spec.imagePullSecrets),
    is: ['[{"name":"mine"}]'],
  },
  clusterDomain: {
    says: 'is the end of names that are looked up',
    set: 'example',
    at: inEnvoy(
      'static_resources clusters control_plane load_assignment endpoints 0 lb_endpoints 0 endpoint address socket_address address',
    ),
    is: 'evenkeel-control-plane.shop.svc.example.',
  },
  podSecurityContext: {
    says: 'is that of every pod',
    set: { runAsUser: 1000 },
    at: each(({ template }) => template.spec.securityContext?.runAsUser),
    is: ['1000'],
  },
  containerSecurityContext: {
    says: 'is that of every container',
    set: { readOnlyRootFilesystem: false },
    at: each(({ containers }) =>
      containers.map(({ securityContext }) => securityContext?.readOnlyRootFilesystem).includes(true),
    ),
    is: ['false'],
  },
  ...balancing,
  ...imageCases('cli.image', container('evenkeel-envoy', 'drain')),
  'proxyless.enabled': {
    says: 'true tells callers without Envoy how to find pods',
    set: true,
    at: (rendering) =>
      JSON.parse((rendering.at('ConfigMap/evenkeel-xds-bootstrap data bootstrap.json') as string) ?? '{}')
        .xds_servers?.[0].server_uri,
    is: 'evenkeel-control-plane.shop.svc.cluster.local:18000',
  },
  ...network,
  ...tests,
}
