import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { markdownReport } from './markdown.ts'
import { record } from './sample-record.ts'
import { writeReport } from './write-report.ts'

const folder = await mkdtemp(join(tmpdir(), 'evenkeel-report-'))
after(() => rm(folder, { recursive: true }))

const pod = { name: 'pod-2', readyToFirstCallMs: { envoy: 120 }, deletedToLastCallMs: { envoy: 15 } }
const circumstances = { date: '2026-01-02', cluster: 'Kubernetes v1.35.4', leftOut: ['a node cut off: it is not ours'] }
await writeFile(
  join(folder, '2-crash.json'),
  JSON.stringify(record({ kind: 'crash', title: 'a pod <dies>', sent: 10, lost: 4 })),
)
await writeFile(join(folder, '1-come.json'), JSON.stringify(record({ title: 'pods come', pods: [pod] })))
const markdown = await readFile(await writeReport(folder, circumstances), 'utf8')
const html = await readFile(join(folder, 'report.html'), 'utf8')

test('the report has figures against their aims, and a row for each step and caller', () => {
  assert.match(markdown, /^\| lost in 1 graceful steps \| 0 of 20 \| 0 of 100000 \| MISSED \|$/m)
  assert.match(markdown, /^\| lost in 1 crashes \| 4 of 10 \| {2}\| {2}\|$/m)
  assert.match(
    markdown,
    /^\| Ready → first call \| p50 120 ms, p99 120 ms, max 120 ms, of 1 \| p99 500 ms \| kept \|$/m,
  )
  assert.match(
    markdown,
    /^\| pods come \| envoy \| 20 \| 0 \| 0 \| transparent \| 120 ms at most, 1 pods \| 15 ms at most, 1 pods \| 1.000 \(1.200\) \|$/m,
  )
  assert.match(markdown, /^- a pod <dies>, envoy: \{"UNAVAILABLE":4\}$/m)
})

test('of calls that differ in length the report says how busy pods were, and how long calls waited', () => {
  const uneven = record({ title: 'a mix' })
  const loads = uneven.loads.map((load) => ({ ...load, name: 'mixed' as const }))
  const text = markdownReport([{ ...uneven, loads }], circumstances)
  assert.match(text, /^\| a mix \| mixed \| .* \| busy time max\/mean 1\.000, queue wait p99 2\.5 ms \|$/m)
})

test('the report says what was not run, and why', () => {
  assert.match(markdown, /^Not run: a node cut off: it is not ours\.$/m)
  assert.match(html, /<p>Not run: a node cut off: it is not ours\.<\/p>/)
})

test('the page has a picture for each step and caller, and no text of a step is taken for HTML', () => {
  assert.equal(html.match(/<svg/g)?.length, 2)
  assert.match(html, /<h2>a pod &lt;dies&gt;<\/h2>/)
  assert.doesNotMatch(html, /<dies>|(src|href)=/)
})
