import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { parse } from 'yaml'
import { findProgram } from '../support/find-program.ts'
import { skipOrFail } from '../support/missing-tool.ts'
import { renderText } from './support/render.ts'

/** Findings that stay, and why. */
const exceptions: { check: string; reason: string; objects: string[] }[] = parse(
  readFileSync(join(import.meta.dirname, 'kube-score-exceptions.yaml'), 'utf8'),
)

test('all that kube-score finds in the defaults has a reason, and every reason a finding', async (context) => {
  const program = findProgram('kube-score')
  if (program === undefined) {
    skipOrFail(context, 'install kube-score: go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0')
    return
  }
  const excused = exceptions.flatMap(({ check, objects }) => objects.map((object) => `${object}: ${check}`))
  assert.deepEqual((await findings(program, renderText())).toSorted(), excused.toSorted())
})

interface ScoredObject {
  object_meta: { name: string }
  /** 10 is the best grade. */
  checks: { check: { id: string }; grade: number; skipped: boolean }[]
}

async function findings(program: string, manifests: string): Promise<string[]> {
  const child = spawn(program, ['score', '--output-format', 'json', '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(manifests)
  const objects: ScoredObject[] = JSON.parse(await text(child.stdout))
  return objects.flatMap(({ object_meta: { name }, checks }) =>
    checks.filter(({ grade, skipped }) => grade < 10 && !skipped).map(({ check }) => `${name}: ${check.id}`),
  )
}
