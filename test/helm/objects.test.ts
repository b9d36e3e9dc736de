import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { chartFolder, render, renderText } from './support/render.ts'
import { pick } from './support/pick.ts'
import type { KubernetesObject, Rendering } from './support/rendering.ts'
import { type ValueSet, valueSets } from './support/value-sets.ts'

const all = valueSets()
const chart: { version: string; appVersion: string } = parse(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8'))
const components = ['service', 'envoy', 'control-plane', 'proxyless', 'gateway', 'monitoring', 'test']
const selectorLabels = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/component']

/** A rule for the objects of every situation: what is told of those that do not follow it. */
function everyObject(rule: string, complaint: (object: KubernetesObject, situation: ValueSet) => string | false): void {
  test(rule, () => {
    const complaints = all.flatMap((situation) =>
      situation.rendering.objects.map((object) => {
        const about = complaint(object, situation)
        return about === false ? [] : `${situation.name}: ${object.kind}/${object.metadata.name}: ${about}`
      }),
    )
    assert.deepEqual(complaints.flat(), [])
  })
}

everyObject('every object has its namespace, and the labels that say what it is part of', ({ metadata }) => {
  const { labels = {} } = metadata
  const component = labels['app.kubernetes.io/component'] ?? ''
  const expected = {
    'helm.sh/chart': `evenkeel-${chart.version}`,
    'app.kubernetes.io/name': 'evenkeel',
    'app.kubernetes.io/instance': 'evenkeel',
    'app.kubernetes.io/version': chart.appVersion,
    'app.kubernetes.io/managed-by': 'Helm',
  }
  const labelled = Object.entries(expected).every(([label, value]) => labels[label] === value)
  const right = labelled && metadata.namespace === 'shop' && components.includes(component)
  return right ? false : JSON.stringify(metadata)
})

everyObject('no two objects of a kind have one name', ({ kind, metadata }, { rendering }) => {
  const same = rendering.ofKind(kind).filter((other) => other.metadata.name === metadata.name)
  return same.length > 1 && `${same.length} of them`
})

/** Where an object says which pods it is about, of the release itself. */
const selectorOf = ({ kind, spec }: KubernetesObject): Record<string, string> | undefined => {
  const steps = { Service: ['selector'], NetworkPolicy: ['podSelector', 'matchLabels'] }[kind] ?? [
    'selector',
    'matchLabels',
  ]
  return pick(spec, steps) as Record<string, string> | undefined
}

everyObject('what selects pods selects those of its own part, and there are some', (object, { rendering }) => {
  const selector = selectorOf(object)
  if (selector === undefined) return false
  const selected = rendering
    .pods()
    .filter(({ template }) =>
      Object.entries(selector).every(([key, value]) => template.metadata?.labels?.[key] === value),
    )
  const own = selected.every(({ component }) => component === object.metadata.labels?.['app.kubernetes.io/component'])
  const narrow = Object.keys(selector).toSorted().join() === selectorLabels.toSorted().join()
  return !(narrow && own && selected.length === 1) && JSON.stringify(selector)
})

everyObject(
  'a disruption budget and a policy of the network belong to each Deployment',
  ({ kind, metadata }, { rendering }) => {
    if (kind !== 'Deployment') return false
    const [budget, policy] = ['PodDisruptionBudget', 'NetworkPolicy'].map((other) =>
      rendering.at(`${other}/${metadata.name}`),
    )
    return (budget === undefined || policy === undefined) && 'one is missing'
  },
)

everyObject('policies of the network deny both ways, and let through some ports only', ({ kind, spec }) => {
  if (kind !== 'NetworkPolicy') return false
  const { policyTypes, ingress, egress } = spec as { policyTypes: string[]; ingress: object[]; egress: object[] }
  const named = [...ingress, ...egress].every(
    (rule) => ((pick(rule, ['ports']) as object[] | undefined) ?? []).length > 0,
  )
  return !(policyTypes.join() === 'Ingress,Egress' && named) && JSON.stringify(spec)
})

everyObject('a rollout takes no pod away before another is ready', ({ kind, spec }) => {
  if (kind !== 'Deployment') return false
  const strategy = pick(spec, ['strategy'])
  return (
    JSON.stringify(strategy) !== '{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}}' &&
    JSON.stringify(strategy)
  )
})

everyObject('replicas are left to an autoscaler that is there', ({ kind, metadata, spec }, { rendering }) => {
  if (kind !== 'Deployment') return false
  const scaled = ['HorizontalPodAutoscaler', 'ScaledObject']
    .flatMap((scaler) => rendering.ofKind(scaler))
    .some((scaler) => pick(scaler, ['spec', 'scaleTargetRef', 'name']) === metadata.name)
  return (pick(spec, ['replicas']) === undefined) !== scaled && `autoscaled: ${scaled}`
})

test('service pods connect to nobody', () => {
  assert.deepEqual(render().at('NetworkPolicy/evenkeel spec egress'), [])
})

test('the control plane may read EndpointSlices of its namespace, and nothing else', () => {
  const rendering = render()
  assert.deepEqual(rendering.at('Role/evenkeel-control-plane rules'), [
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
  ])
  assert.deepEqual(rendering.at('RoleBinding/evenkeel-control-plane subjects'), [
    { kind: 'ServiceAccount', name: 'evenkeel-control-plane', namespace: 'shop' },
  ])
  assert.deepEqual(
    rendering.objects.filter(({ kind }) => kind.startsWith('Cluster')),
    [],
  )
})

test('names and labels fit for a release with the longest name', () => {
  const { objects } = render(
    { fullnameOverride: 'x'.repeat(40), tls: { callers: { enabled: true } } },
    { release: 'r'.repeat(53) },
  )
  const texts = objects.flatMap(({ metadata: { name, labels = {} } }) => [name, ...Object.values(labels)])
  assert.deepEqual(
    texts.filter((text) => text.length > 63),
    [],
  )
})

const checksumOf = (rendering: Rendering, deployment: string): unknown =>
  rendering.at(`Deployment/${deployment} spec template metadata annotations checksum/config`)

test("pods of Envoy are replaced when its configuration is another, and the service's are not", () => {
  const [before, after] = [render(), render({ envoy: { maxRequests: 5000 } })]
  assert.match(String(checksumOf(before, 'evenkeel-envoy')), /^[0-9a-f]{64}$/)
  assert.notEqual(checksumOf(before, 'evenkeel-envoy'), checksumOf(after, 'evenkeel-envoy'))
  assert.deepEqual(before.at('Deployment/evenkeel'), after.at('Deployment/evenkeel'))
})

test('no pod is replaced for a number of replicas', () => {
  const templates = (rendering: Rendering) => rendering.pods().filter(({ component }) => component !== 'test')
  const scaled = { replicas: 7, autoscaling: { enabled: true } }
  const after = render({ service: scaled, envoy: scaled, controlPlane: { replicas: 3 } })
  assert.deepEqual(templates(after), templates(render()))
})

test('templates ask neither the cluster, nor a clock, nor dice', () => {
  const files = globSync('templates/**/*', { cwd: chartFolder, withFileTypes: true }).filter((entry) => entry.isFile())
  const asking = files.filter((file) =>
    /\b(?:lookup|now|rand\w+|uuidv4|gen(?:CA|PrivateKey|SelfSignedCert|SignedCert)\w*|htpasswd)\b/.test(
      readFileSync(join(file.parentPath, file.name), 'utf8').replaceAll(/\{\{\/\*.*?\*\/\}\}|^#.*$|"[^"]*"/gms, ''),
    ),
  )
  assert.ok(files.length > 0)
  assert.deepEqual(
    asking.map(({ name }) => name),
    [],
  )
})

test('a template makes one object', () => {
  const twice = all.flatMap(({ values }) => {
    const sources = [...renderText(values).matchAll(/^# Source: (.+)$/gm)].map(([, source]) => source)
    return sources.filter((source, at) => sources.indexOf(source) !== at)
  })
  assert.deepEqual(twice, [])
})

test('the chart has the version of the package, and so have its images', () => {
  assert.deepEqual([chart.version, chart.appVersion], [packageJson.version, packageJson.version])
})
