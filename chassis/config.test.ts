import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig, serviceOptions } from './config.ts'
import { ConfigError, flagOf, variableOf } from './options.ts'

const problemsOf = (argv: string[], env: Record<string, string> = {}): readonly string[] => {
  try {
    readConfig({ argv, env })
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError)
    return thrown.problems
  }
  return assert.fail('the configuration was accepted')
}

test('defaults are valid and frozen', () => {
  const config = readConfig({ argv: [], env: {} })
  assert.equal(config.port, 50_051)
  assert.equal(config.workers, 'auto')
  assert.equal(config.reflection, false)
  assert.ok(Object.isFrozen(config))
})

test('a flag wins over a variable, a variable over the default', () => {
  const env = { EVENKEEL_QUEUE_LIMIT: '7', EVENKEEL_WORKERS: '3' }
  const config = readConfig({
    argv: ['--queue-limit', '9', '--reflection', '--no-served-by', '--metrics-port=off'],
    env,
  })
  assert.equal(config.queueLimit, 9)
  assert.equal(config.workers, 3)
  assert.equal(config.reflection, true)
  assert.equal(config.servedBy, false)
  assert.equal(config.metricsPort, 'off')
})

test('all problems are reported at once, each with the value and the bound', () => {
  const problems = problemsOf(['--port', '70000', '--workers=many', '--colour', 'red', 'stray'], {
    EVENKEEL_LOG_LEVEL: 'loud',
    EVENKEEL_QUEUE_LIMITT: '5',
    EVENKEEL_MAX_HEADER_BYTES: '',
  })
  const all = problems.join('\n')
  assert.match(all, /--port="70000": must be a whole number from 0 to 65535/)
  assert.match(all, /--workers="many": must be a whole number from 1 to 512, or auto/)
  assert.match(all, /--colour: no such option/)
  assert.match(all, /stray: no argument is expected here/)
  assert.match(all, /EVENKEEL_LOG_LEVEL="loud": must be one of trace, debug/)
  assert.match(all, /EVENKEEL_QUEUE_LIMITT: no such setting/)
  assert.match(all, /EVENKEEL_MAX_HEADER_BYTES="": must be a whole number from 1024/)
})

test('a negated flag takes no value, and only what is on or off can be negated', () => {
  assert.deepEqual(problemsOf(['--no-reflection=true', '--no-port']), [
    '--no-reflection=true: takes no value',
    '--no-port: no such option',
  ])
})

test('values that contradict each other are refused', () => {
  assert.match(
    problemsOf(['--default-deadline-ms=20', '--max-deadline-ms=10'])[0] ?? '',
    /--default-deadline-ms=20: must not be above --max-deadline-ms=10/,
  )
  assert.match(problemsOf(['--drain-delay-ms=50000'])[0] ?? '', /must not be above --drain-timeout-ms=40000/)
})

test('variables that Kubernetes makes of a Service called evenkeel are not settings', () => {
  const env = {
    EVENKEEL_SERVICE_HOST: '10.96.0.7',
    EVENKEEL_SERVICE_PORT: '8080',
    EVENKEEL_SERVICE_PORT_GRPC: '8080',
    EVENKEEL_PORT: 'tcp://10.96.0.7:8080',
    EVENKEEL_PORT_8080_TCP: 'tcp://10.96.0.7:8080',
    EVENKEEL_PORT_8080_TCP_ADDR: '10.96.0.7',
    EVENKEEL_ENVOY_PORT: 'tcp://10.96.0.8:8080',
    EVENKEEL_TARGET: '127.0.0.1:8080',
    EVENKEEL_XDS_SERVER: '127.0.0.1:18000',
  }
  assert.equal(readConfig({ argv: [], env }).port, 50_051)
})

test('every option has a default that it accepts itself, a flag and a variable', () => {
  for (const [name, option] of Object.entries(serviceOptions)) {
    assert.ok(option.read.safeParse(option.default).success, name)
    assert.match(flagOf(name), /^--[a-z]+(-[a-z]+)*$/)
    assert.match(variableOf(name), /^EVENKEEL_[A-Z]+(_[A-Z]+)*$/)
  }
})

test('a name that could not travel in a header is refused at the start, not at the first call', () => {
  for (const name of ['pöd', 'a b', 'line\nbreak', '']) {
    assert.match(problemsOf([`--pod-name=${name}`])[0] ?? '', /--pod-name=.*must be visible ASCII without spaces/)
    assert.match(problemsOf(['--process-name', name])[0] ?? '', /--process-name=.*must be visible ASCII/)
  }
})
