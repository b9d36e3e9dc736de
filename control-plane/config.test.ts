import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, flagOf, variableOf } from '../chassis/options.ts'
import { controlPlaneOptions, readControlPlaneConfig } from './config.ts'

const forms = '[SERVICE=]kubernetes:[NAMESPACE/]NAME[:PORTNAME], [SERVICE=]dns:NAME:PORT or file:PATH'

const problemsOf = (argv: string[], env: Record<string, string> = {}): readonly string[] => {
  try {
    readControlPlaneConfig({ argv, env })
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError)
    return thrown.problems
  }
  return assert.fail('the configuration was accepted')
}

test('defaults are valid, and the port answers this machine only, without TLS', () => {
  const config = readControlPlaneConfig({ argv: [], env: {} })
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 18_000)
  assert.equal(config.tlsCertificate, '')
})

test('every setting has a flag and a variable', () => {
  // A source is an object with functions; its name says what it is.
  const settings = (argv: string[], env: Record<string, string> = {}) => {
    const { source, ...others } = readControlPlaneConfig({ argv, env })
    return { source: source.name, ...others }
  }
  const defaults = settings([])
  for (const [name, option] of Object.entries(controlPlaneOptions)) {
    // What may be empty is a file.
    if (option.default === '') continue
    assert.deepEqual(settings([`${flagOf(name)}=${option.default}`]), defaults)
    assert.deepEqual(settings([], { [variableOf(name)]: option.default }), defaults)
  }
})

test('a certificate needs its key, and authorities need both', () => {
  assert.deepEqual(problemsOf(['--tls-certificate=cert.pem']), [
    '--tls-certificate and --tls-private-key: give both or none',
  ])
  assert.deepEqual(problemsOf(['--tls-private-key=key.pem']), [
    '--tls-certificate and --tls-private-key: give both or none',
  ])
  assert.deepEqual(problemsOf(['--tls-client-authorities=ca.pem']), [
    '--tls-client-authorities: needs --tls-certificate and --tls-private-key',
  ])
  assert.deepEqual(problemsOf(['--tls-client-names=envoy.example']), [
    '--tls-client-names: needs --tls-client-authorities',
  ])
})

test('all problems are reported at once, each with the value and the bound', () => {
  assert.deepEqual(
    problemsOf(['--source=none', '--max-subscribers=0', '--zones=near'], { EVENKEEL_BALANCING: 'random' }),
    [
      `--source="none": "none": is no source; write ${forms}`,
      'EVENKEEL_BALANCING="random": must be one of round_robin, least_request_two_choices, least_request_full_scan',
      '--zones="near": must be one of ignore, prefer',
      '--max-subscribers="0": must be a whole number from 1 to 100000',
    ],
  )
})

test('variables of callers may stand in the same environment, those of nobody may not', () => {
  assert.ok(readControlPlaneConfig({ argv: [], env: { EVENKEEL_TARGET: 'localhost:8080' } }))
  assert.match(problemsOf([], { EVENKEEL_SAUCE: 'file:x' }).join(), /EVENKEEL_SAUCE: no such setting/)
})
