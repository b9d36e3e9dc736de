import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { roles } from './roles.ts'

for (const [name, { tasks }] of Object.entries(roles)) {
  test(`the bundle of ${name} has the tasks that its workload names`, async () => {
    const { [name]: workload } = await import(join(dirname(tasks), 'workload.ts'))
    assert.equal(workload.tasks.href, pathToFileURL(tasks).href)
  })
}
