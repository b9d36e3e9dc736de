import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import process from 'node:process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { status } from '@grpc/grpc-js'
import { failure, type PrimesScript, proven, servedBy, startFakePrimes } from '../support/fake-primes.ts'
import { codeBlocks, section } from './markdown.ts'
import { readTree } from './tree.ts'

const recipe = codeBlocks(section(readTree('client/README.md'), '## Call a service')).find(({ info }) => info === 'ts')

/** The example as it stands, with this tree in place of the package, and another target. */
function recipeFor(target: string): string {
  assert.ok(recipe)
  const fromHere = (path: string): string => `'${new URL(path, import.meta.url).href}'`
  return [
    ["'evenkeel/client'", fromHere('../../client/library.ts')],
    ["'./primes.ts'", fromHere('../../gen/evenkeel/primes/v1/primes.ts')],
    ["'dns:///replicas.example:50051'", `'${target}'`],
  ].reduce((text, [from = '', to = '']) => {
    assert.ok(text.includes(from), from)
    return text.replace(from, to)
  }, recipe.text)
}

test('the example of client/README.md repeats a call, says who answered, and reads a list whose stream breaks', async () => {
  let calls = 0
  const checkPrime: PrimesScript['checkPrime'] = (_, answer) => {
    calls += 1
    if (calls === 1) answer(failure(status.UNAVAILABLE, 'leaving'))
    else answer(null, { ...proven, prime: false, divisor: '5' }, servedBy('pod-a'))
  }
  const listPrimes: PrimesScript['listPrimes'] = (call) => {
    if (call.request.from > 1n) {
      call.write({ primes: [7n] })
      call.end()
    } else {
      call.write({ primes: [2n, 3n, 5n] })
      call.emit('error', failure(status.UNAVAILABLE, 'leaving'))
    }
  }
  await using server = await startFakePrimes({ checkPrime, listPrimes })
  const script = recipeFor(`ipv4:${server.address}`)
  const run = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', script])
  assert.deepEqual(run.stdout.trim().split('\n').toSorted(), ['2 3 5', '5', '7', 'answered by pod-a'])
})
