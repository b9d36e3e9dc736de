import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { section, tableRows } from '../docs/markdown.ts'
import { fetchModule } from './support/definitions.ts'
import { chartFolder } from './support/render.ts'

test("COMPARISON.md counts the templates of podinfo's chart and of this one", async () => {
  const podinfo = await fetchModule('github.com/stefanprodan/podinfo', 'v1.8.1-0.20250910200901-e86405a8674e')
  const [theirs, ours] = [templatesByKind(join(podinfo, 'charts/podinfo')), templatesByKind(chartFolder)]
  const kinds = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].toSorted()
  const stated = tableRows(section(readFileSync(join(chartFolder, 'COMPARISON.md'), 'utf8'), '## Objects'))
  assert.deepEqual(
    stated,
    kinds.map((kind) => [kind, String(theirs[kind] ?? 0), String(ours[kind] ?? 0)]),
  )
})

function templatesByKind(chart: string): Record<string, number> {
  const texts = globSync('templates/**/*.{yaml,tpl}', { cwd: chart }).map((file) =>
    readFileSync(join(chart, file), 'utf8'),
  )
  const kinds = texts.flatMap((text) => [...text.matchAll(/^kind: (\w+)/gm)].map(([, kind = '']) => kind))
  return Object.fromEntries(
    Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, all]) => [kind, all?.length ?? 0]),
  )
}
