import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartFailure } from './start-failure.ts'

const exit = (code: number) => ({ code, signal: null })

test('of an uncaught error one line is quoted, without its stack', () => {
  const lines = ['file:///own/main.ts:1', "throw new Error('no licence')", '^', '', 'Error: no licence']
  const stack = [
    '    at file:///own/main.ts:1:7',
    '    at node:internal/main/run_main_module:33:47',
    '',
    'Node.js v26.10.0',
  ]
  const { message, kind } = new StartFailure('replica-1', exit(1), [...lines, ...stack])
  assert.deepEqual(
    { message, kind },
    {
      message: 'replica-1 ended (exit code 1) before it served: Error: no licence',
      kind: 'usage',
    },
  )
})

test('an uncaught error without a stack is quoted as well', () => {
  const lines = ['file:///own/main.ts:1', 'import', '', 'SyntaxError: Unexpected end of input', '', 'Node.js v26.10.0']
  assert.match(new StartFailure('replica-1', exit(1), lines).message, /: SyntaxError: Unexpected end of input$/)
})

test('a wrong setting is wrong usage, a port that is taken a failure', () => {
  const wrong = new StartFailure('replica-1', exit(2), ['--bad-setting: no such option'])
  assert.deepEqual(
    [wrong.kind, wrong.message],
    ['usage', 'replica-1 ended (exit code 2) before it served: --bad-setting: no such option'],
  )
  const taken = new StartFailure('replica-1', exit(1), ['a line', 'port 1 is taken'])
  assert.deepEqual(
    [taken.kind, taken.message],
    ['failure', 'replica-1 ended (exit code 1) before it served:\na line\nport 1 is taken'],
  )
})
