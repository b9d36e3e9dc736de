import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { codeBlocks, codeSpans, relativeLinks, section, tableRows } from './markdown.ts'
import { readTree, root, treeFiles } from './tree.ts'

const readme = readTree('README.md')
const helpOf = (...words: string[]): string =>
  execFileSync(process.execPath, [join(root, 'bin/evenkeel.js'), ...words, '--help'], { encoding: 'utf8' })

test('README.md fits on 150 lines', () => {
  assert.ok(readme.trimEnd().split('\n').length <= 150)
})

test('every promise of README.md names the test that proves it', () => {
  const promises = section(readme, '## What it promises').split(/^- /m).slice(1)
  assert.ok(promises.length > 0)
  assert.deepEqual(
    promises.filter((promise) => !relativeLinks(promise).some((link) => link.endsWith('.test.ts'))),
    [],
  )
})

const commands = codeBlocks(section(readme, '## Run it')).flatMap(({ text }) => text.trim().split('\n'))
const evenkeelCommands = commands.filter((command) => command.startsWith('npx evenkeel '))

test('README.md shows how to start and how to call', () => {
  assert.ok(commands.includes('npm start'))
  assert.ok(evenkeelCommands.length >= 4)
})

for (const command of evenkeelCommands) {
  const [subcommand = '', ...rest] = command.split(' ').slice(2)
  test(`\`${command}\` names a command and options that there are`, () => {
    const help = helpOf(subcommand)
    const unknown = rest.filter((word) => word.startsWith('--') && !new RegExp(`${word}\\b(?!-)`).test(help))
    assert.ok(help.includes(`evenkeel ${subcommand}`))
    assert.deepEqual(unknown, [])
  })
}

test('every npm script and every benchmark that a document names exists', () => {
  const scripts = new Set(Object.keys(manifest.scripts))
  const benches = benchHelp()
  const wrong = treeFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => commandsIn(readTree(file)).map((command) => `${file}: ${command}`))
    .filter((found) => {
      const [, run, bench] = /npm run (?:--silent )?([\w:]+)(?: -- ([\w-]+))?/.exec(found) ?? []
      const unknownBench =
        run === 'bench' && bench !== undefined && bench !== 'NAME' && !benches.includes(`\n  ${bench} `)
      return run !== undefined && (!scripts.has(run) || unknownBench)
    })
  assert.deepEqual(wrong, [])
})

test('README.md names every benchmark there is, and no other', () => {
  const there = [...benchHelp().matchAll(/^ {2}([a-z-]+) +\S/gm)].map(([, name = '']) => name)
  const named = tableRows(section(readme, '## Numbers')).flatMap(([first = '']) => codeSpans(first))
  assert.deepEqual(new Set(named), new Set(there))
})

function benchHelp(): string {
  return execFileSync(process.execPath, [join(root, 'test/bench/main.ts'), '--help'], { encoding: 'utf8' })
}

function commandsIn(markdown: string): string[] {
  const blocks = codeBlocks(markdown).flatMap(({ text }) => text.split('\n'))
  return [...blocks, ...codeSpans(markdown)].filter((text) => text.includes('npm run '))
}
