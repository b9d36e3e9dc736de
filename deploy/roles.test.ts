import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { serviceOptions } from '../chassis/config.ts'
import { controlPlaneOptions } from '../control-plane/config.ts'
import { type Role, roles } from './roles.ts'

for (const [name, { tasks }] of Object.entries<Role>(roles)) {
  if (tasks === undefined) continue
  test(`the bundle of ${name} has the tasks that its workload names`, async () => {
    const { [name]: workload } = await import(join(dirname(tasks), 'workload.ts'))
    assert.equal(workload.tasks.href, pathToFileURL(tasks).href)
  })
}

test('the image of a role exposes the ports that it listens on unless told otherwise', () => {
  for (const [name, { ports }] of Object.entries<Role>(roles)) {
    const { port, healthPort, metricsPort } = name === 'control-plane' ? controlPlaneOptions : serviceOptions
    const listened = name === 'cli' ? [] : [port, healthPort, metricsPort]
    const defaults = listened.map((option) => Number(option.default))
    assert.deepEqual(new Set(ports), new Set(defaults), name)
  }
})
