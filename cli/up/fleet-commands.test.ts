import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fleet } from '../../deploy/local/fleet.ts'
import { fleetCommand, fleetHelp } from './fleet-commands.ts'

/** A fleet that must not be touched. */
const untouched = new Proxy({} as Fleet, { get: (_, name) => assert.fail(`${String(name)} was used`) })

test('help is one line that names every command', async () => {
  assert.equal(await fleetCommand(untouched, 'help'), fleetHelp)
  assert.ok(!fleetHelp.includes('\n'))
  for (const word of ['+', '-', 'restart', 'kill NAME', 'list', 'help', 'quit'])
    assert.ok(fleetHelp.includes(word), word)
})

for (const line of [
  'restart replica-1',
  '+ 2',
  '- replica-1 replica-2',
  'list all',
  'kill',
  'quit now',
  'stop',
  'constructor',
]) {
  test(`\`${line}\` changes nothing and is answered with the commands`, async () => {
    const said = await fleetCommand(untouched, line)
    assert.ok(said.startsWith(`${line}: `) && said.endsWith(fleetHelp) && !said.includes('\n'), said)
  })
}

test('an empty line is no command', async () => {
  assert.equal(await fleetCommand(untouched, '  '), '')
})
