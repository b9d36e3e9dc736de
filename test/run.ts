import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import process from 'node:process'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { temporaryFolder } from '../deploy/local/temporary-folder.ts'
import { type Level, levels } from './levels.ts'

/** What came of one level. */
interface Outcome {
  level: string
  passed: number
  failed: number
  skipped: number
  seconds: number
  /** Why the level was left out. */
  leftOut?: string
}

const root = resolve(import.meta.dirname, '..')
const inCi = process.env['CI'] !== undefined

/** Runs the levels named on the command line, or all; a level that this machine cannot run fails in CI and is named elsewhere. */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !levels.some((level) => level.name === name))
  if (unknown.length > 0 || names.includes('--help')) {
    console.log(usage(unknown))
    return unknown.length > 0 ? 2 : 0
  }
  // Where files leave what later ones of this run need not make again.
  await using folder = await temporaryFolder('test-run')
  process.env['TEST_RUN_FOLDER'] = folder.path
  const outcomes: Outcome[] = []
  for (const level of levels) {
    if (names.length === 0 || names.includes(level.name)) outcomes.push(await runLevel(level))
  }
  return report(outcomes)
}

async function runLevel(level: Level): Promise<Outcome> {
  const outcome: Outcome = { level: level.name, passed: 0, failed: 0, skipped: 0, seconds: 0 }
  const missing = await level.missing()
  if (missing !== undefined) return { ...outcome, leftOut: missing, failed: inCi ? 1 : 0 }
  const files = filesOf(level)
  if (files.length === 0) return { ...outcome, failed: 1, leftOut: `no file matches ${level.files.join(' ')}` }
  console.log(`\n${level.name}: ${level.about} (${files.length} files)`)
  const startedAtMs = performance.now()
  const events = run({
    files,
    concurrency: level.concurrency,
    // Above every test's own bound: what waits for ever fails. leaks.ts fails a file that leaves something open, and ends it;
    // the runner's forceExit would cut off reports.
    timeout: level.timeoutMs ?? 180_000,
    execArgv: ['--import', resolve(import.meta.dirname, 'support/leaks.ts')],
  })
  events.on('test:pass', ({ skip, details }) => {
    if (details.type === 'suite') return
    if (skip === undefined) outcome.passed += 1
    else outcome.skipped += 1
  })
  events.on('test:fail', () => {
    outcome.failed += 1
  })
  for await (const text of events.compose(spec)) process.stdout.write(text as string)
  return { ...outcome, seconds: (performance.now() - startedAtMs) / 1000 }
}

/** The files of a level; units are those of no other level. */
function filesOf(level: Level): string[] {
  const others = levels.filter(({ name }) => name !== level.name && name !== 'unit').flatMap(matching)
  return matching(level)
    .filter((file) => !others.includes(file))
    .map((file) => resolve(root, file))
}

const matching = ({ files }: Level): string[] =>
  files.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }))

function report(outcomes: readonly Outcome[]): number {
  console.log(
    `\n${'level'.padEnd(12)} ${'passed'.padStart(6)} ${'failed'.padStart(6)} ${'skipped'.padStart(7)} ${'seconds'.padStart(7)}`,
  )
  for (const { level, passed, failed, skipped, seconds, leftOut } of outcomes) {
    const row = `${level.padEnd(12)} ${String(passed).padStart(6)} ${String(failed).padStart(6)} ${String(skipped).padStart(7)}`
    console.log(`${row} ${seconds.toFixed(1).padStart(7)}`)
    if (leftOut !== undefined) console.log(`  left out: ${leftOut}`)
  }
  const sum = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0)
  const skippedInCi = inCi && sum('skipped') > 0
  if (skippedInCi) console.log('In CI nothing may be skipped.')
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  return sum('failed') === 0 && !skippedInCi ? 0 : 1
}

function usage(unknown: readonly string[]): string {
  const rows = levels.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')
  const complaint = unknown
    .filter((name) => name !== '--help')
    .map((name) => `${name}: no such level\n`)
    .join('')
  return `${complaint}Usage: npm test [-- LEVEL ...]\n\nLevels:\n${rows}`
}

process.exitCode = await main(process.argv.slice(2))
