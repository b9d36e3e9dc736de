import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { stringify } from 'yaml'
import { temporaryFolder } from '../../deploy/local/temporary-folder.ts'
import { findProgram } from '../support/find-program.ts'
import { skipOrFail } from '../support/missing-tool.ts'
import { type CommandOutcome, runCommand } from '../support/run-command.ts'
import { dashboardQuestions, kedaQuestions, renderAlerts, type RuleGroups } from './support/expressions.ts'
import type { Values } from './support/render.ts'
import { allWell, type Series, situations, situationsOfForeignImages } from './support/situations.ts'

test('nothing is told while all is well, and of each thing that goes wrong the one alert that is about it', async (context) => {
  const groups = renderAlerts({ tls: { pods: { enabled: true } } })
  assert.deepEqual(Object.keys(situations).toSorted(), namesOf(groups))
  await firesAlone(context, groups, situations)
})

test('of an image that is not on the chassis Envoy tells that balance is lost', async (context) => {
  const groups = renderAlerts({ service: { chassis: false } })
  assert.ok(namesOf(groups).includes('EvenkeelBalanceLost'))
  await firesAlone(context, groups, situationsOfForeignImages)
})

test('a pod that crashes five times is told of however many Envoys eject it, also under their autoscaler', () => {
  const bound = (envoy: Values): string | undefined =>
    renderAlerts({ envoy })
      .flatMap(({ rules }) => rules)
      .find(({ alert }) => alert === 'EvenkeelPodsEjected')
      ?.expr.replace(/.* /, '')
  assert.equal(bound({ replicas: 3 }), '15')
  assert.equal(bound({ replicas: 3, autoscaling: { enabled: true, maxReplicas: 20 } }), '100')
})

test('Prometheus understands every question of dashboard and KEDA', async (context) => {
  const questions = [...dashboardQuestions(), ...kedaQuestions()]
  const rules = questions.map(({ expr }, index) => ({
    record: `question:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }))
  const outcome = await promtool(context, { groups: [{ name: 'questions', rules }] })
  assert.equal(outcome?.exitCode ?? 0, 0, `${outcome?.stdout}${outcome?.stderr}`)
})

test('KEDA is told that nobody is busy before the first call, and nothing where nobody answers', async (context) => {
  const [busy] = kedaQuestions()
  const asked = (series: object[], exp_samples: object[]): object => ({
    interval: '1m',
    input_series: series,
    promql_expr_test: [{ expr: busy?.expr, eval_time: '5m', exp_samples }],
  })
  const idle = { series: named('evenkeel_workers{pod="a"}'), values: '2x10' }
  const tests = [asked([idle], [{ labels: '{}', value: 0 }]), asked([], [])]
  const outcome = await promtool(context, { groups: [], tests })
  assert.equal(outcome?.exitCode ?? 0, 0, `${outcome?.stdout}${outcome?.stderr}`)
})

const namesOf = (groups: RuleGroups): string[] =>
  groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)).toSorted()

async function firesAlone(context: TestContext, groups: RuleGroups, wrong: Record<string, Series>): Promise<void> {
  const tests = Object.entries({ none: {}, ...wrong }).map(([alert, series]) => ({
    name: alert,
    interval: '1m',
    input_series: Object.entries({ ...allWell, ...series }).map(([key, values]) => ({ series: named(key), values })),
    promql_expr_test: [
      {
        expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: '90m', // longer than any alert waits
        exp_samples: alert === 'none' ? [] : [{ labels: `{alertname="${alert}"}`, value: 1 }],
      },
    ],
  }))
  const outcome = await promtool(context, { groups, tests })
  assert.equal(outcome?.exitCode ?? 0, 0, `${outcome?.stdout}${outcome?.stderr}`)
}

/** A series as a target of the release has it. */
function named(series: string): string {
  const [name = '', labels = ''] = series.split(/[{}]/)
  if (name === 'up') return `up{namespace="shop",${labels}}`
  if (name.startsWith('envoy_'))
    return `${name}{namespace="shop",service="evenkeel-envoy-pods",envoy_cluster_name="replicas",${labels}}`
  const service = /^evenkeel_(xds|source)_/.test(name) ? 'evenkeel-control-plane' : 'evenkeel'
  return `${name}{namespace="shop",service="${service}",${labels}}`
}

/** Checks rules, or tests them where there are tests, by Prometheus' own tool; undefined, and the test is skipped, where there is none. */
async function promtool(
  context: TestContext,
  { groups, tests }: { groups: object[]; tests?: object[] },
): Promise<CommandOutcome | undefined> {
  const program = findProgram('promtool')
  if (program === undefined) {
    skipOrFail(context, 'install promtool (Debian and Ubuntu: it is in the package `prometheus`)')
    return undefined
  }
  await using folder = await temporaryFolder('test-rules')
  const file = (name: string): string => join(folder.path, name)
  await writeFile(file('rules.yaml'), stringify({ groups }))
  if (tests === undefined) return await runCommand(program, ['check', 'rules', file('rules.yaml')])
  await writeFile(file('tests.yaml'), stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }))
  return await runCommand(program, ['test', 'rules', file('tests.yaml')])
}
