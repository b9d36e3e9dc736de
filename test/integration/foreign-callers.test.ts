import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CheckPrimeResponse, ListPrimesResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { BadRequest } from '../../gen/google/rpc/error_details.ts'
import { Status } from '../../gen/google/rpc/status.ts'
import { primes } from '../../service/primes/workload.ts'
import { pythonWithGrpcio } from '../support/grpcio.ts'
import { findProgram } from '../support/find-program.ts'
import { skipOrFail } from '../support/missing-tool.ts'
import { type CommandOutcome, runCommand } from '../support/run-command.ts'
import { startService } from '../support/service.ts'

const service = 'evenkeel.primes.v1.PrimesService'

test('grpcurl describes the service by reflection, nested types and all', async (context) => {
  const described = await grpcurl(context, (address) => [address, 'describe', `${service}.CheckPrimeStream`])
  if (described === undefined) return
  assert.match(described.stdout, /rpc CheckPrimeStream \( stream \.evenkeel\.primes\.v1\.CheckPrimeStreamRequest \)/)
  const nested = await grpcurl(context, (address) => [
    address,
    'describe',
    'evenkeel.primes.v1.CheckPrimeStreamResponse',
  ])
  assert.match(nested?.stdout ?? '', /\.google\.rpc\.Status error = 3;/)
})

test('grpcurl calls by reflection and shows trailers', async (context) => {
  const body = '{"number":"340282366920938463463374607431768211457"}'
  const called = await grpcurl(context, (address) => ['-v', '-d', body, address, `${service}/Factorize`])
  if (called === undefined) return
  assert.equal(called.exitCode, 0, called.stderr)
  assert.match(called.stdout, /"prime": "59649589127497217"/)
  assert.match(called.stdout, /"prime": "5704689200685129054721"/)
  assert.match(called.stdout, /evenkeel-pod: test-pod/)
})

test('grpcurl shows the details of an error, alone and inside a stream', async (context) => {
  const refused = await grpcurl(context, (address) => ['-d', '{"number":"-7"}', address, `${service}/CheckPrime`])
  if (refused === undefined) return
  assert.equal(refused.exitCode, 67)
  assert.match(refused.stderr, /Code: InvalidArgument/)
  assert.match(refused.stderr, /"@type": "type\.googleapis\.com\/google\.rpc\.BadRequest"/)
  assert.match(refused.stderr, /"field": "number"/)
  const body = '{"id":1,"number":"-7"} {"id":2,"number":"7"}'
  const streamed = await grpcurl(context, (address) => ['-d', body, address, `${service}/CheckPrimeStream`])
  assert.equal(streamed?.exitCode, 0)
  assert.match(streamed?.stdout ?? '', /"field": "number"/)
  assert.match(streamed?.stdout ?? '', /"prime": true/)
})

test('grpcio of Python calls every kind of method and reads trailers and details', async (context) => {
  const python = await pythonWithGrpcio()
  if (python === undefined) {
    return skipOrFail(context, 'grpcio cannot be installed: it needs python3 with venv, and a package index')
  }
  await using replica = await startService(primes)
  const script = resolve(import.meta.dirname, '../support/grpcio-caller.py')
  const { stdout, stderr, exitCode } = await runCommand(python, [script, replica.address])
  assert.equal(exitCode, 0, stderr)
  const seen = JSON.parse(stdout) as {
    answer: string
    trailers: Record<string, string>
    refused: { code: string; details: string; rich: string }
    listed: string[]
    streamed: number
  }
  const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
  assert.deepEqual(CheckPrimeResponse.decode(bytes(seen.answer)), { prime: true, certainty: 1, divisor: '' })
  assert.equal(seen.trailers['evenkeel-pod'], 'test-pod')
  assert.equal(seen.refused.code, 'INVALID_ARGUMENT')
  assert.match(seen.refused.details, /^number: "-7" is not decimal digits/)
  const [detail] = Status.decode(bytes(seen.refused.rich)).details
  assert.equal(BadRequest.decode(detail?.value ?? Buffer.alloc(0)).fieldViolations[0]?.field, 'number')
  const listed = seen.listed.flatMap((message) => ListPrimesResponse.decode(bytes(message)).primes)
  assert.deepEqual(listed, [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n])
  assert.equal(seen.streamed, 100)
})

/** Runs grpcurl against a replica with reflection; undefined when it is not installed, and the test is over then. */
async function grpcurl(context: TestContext, args: (address: string) => string[]): Promise<CommandOutcome | undefined> {
  const file = findProgram('grpcurl')
  if (file === undefined) {
    skipOrFail(context, 'grpcurl is missing: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3')
    return undefined
  }
  await using replica = await startService(primes, '--reflection')
  return await runCommand(file, ['-plaintext', '-max-time', '20', ...args(replica.address)])
}
