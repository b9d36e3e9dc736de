import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse } from 'yaml'
import { endpointsYaml, writeEndpoints } from './endpoints.ts'

test('the file holds a discovery response with the endpoints in order', () => {
  const [resource] = parse(
    endpointsYaml([
      { address: '10.0.0.7', port: 50051 },
      { address: '10.0.0.8', port: 50051 },
    ]),
  ).resources
  assert.equal(resource.cluster_name, 'evenkeel')
  assert.deepEqual(
    resource.endpoints[0].lb_endpoints.map(
      (each: { endpoint: { address: { socket_address: unknown } } }) => each.endpoint.address.socket_address,
    ),
    [
      { address: '10.0.0.7', port_value: 50051 },
      { address: '10.0.0.8', port_value: 50051 },
    ],
  )
})

test('the version changes with the endpoints and with nothing else', () => {
  assert.equal(versionOf(1), versionOf(1))
  assert.notEqual(versionOf(1), versionOf(2))
})

test('writing replaces the file and leaves nothing beside it', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'endpoints.yaml')
  await writeEndpoints(path, [])
  await writeEndpoints(path, [{ address: '10.0.0.7', port: 50051 }])
  assert.equal(await readFile(path, 'utf8'), endpointsYaml([{ address: '10.0.0.7', port: 50051 }]))
  assert.deepEqual(await readdir(folder), ['endpoints.yaml'])
})

test('a write that fails leaves no temporary file', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'taken'), '')
  await assert.rejects(writeEndpoints(join(folder, 'taken', 'endpoints.yaml'), []), { code: 'ENOTDIR' })
  assert.deepEqual(await readdir(folder), ['taken'])
})

function versionOf(port: number): unknown {
  return parse(endpointsYaml([{ address: '10.0.0.7', port }])).version_info
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'endpoints-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}
