import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { type FileOptions, fileSource } from '../../control-plane/sources/file.ts'
import { handlesClose } from '../support/handles-close.ts'
import { FollowedSource } from '../support/source-listener.ts'

/** A poll that never comes within a test: what is seen was noticed. */
const unpolled = { pollMs: 3_600_000, settleMs: 1 }

const one = 'services: { evenkeel: ["10.0.0.1:50051"] }'
const two = 'services: { evenkeel: ["10.0.0.1:50051", "10.0.0.2:50051"] }'

afterEach(handlesClose)

interface FollowedFile extends AsyncDisposable {
  folder: string
  path: string
  followed: FollowedSource
  /** Writes beside the file and renames. */
  replace(text: string): Promise<void>
}

async function followFile(text: string | undefined, options: FileOptions = unpolled): Promise<FollowedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-file-'))
  const path = join(folder, 'endpoints.yaml')
  if (text !== undefined) await writeFile(path, text)
  const followed = new FollowedSource(fileSource(path, options))
  return {
    folder,
    path,
    followed,
    replace: async (next) => {
      await writeFile(`${path}.new`, next)
      await rename(`${path}.new`, path)
    },
    [Symbol.asyncDispose]: async () => {
      await followed[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

test('a file is told at once, and again when another takes its place', async () => {
  await using file = await followFile(one)
  assert.deepEqual(await file.followed.next(), { update: { evenkeel: ['10.0.0.1:50051'] } })
  await file.replace(two)
  assert.deepEqual(await file.followed.next(), { update: { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] } })
  await file.replace('services: { evenkeel: [] }')
  assert.deepEqual(await file.followed.next(), { update: { evenkeel: [] } })
})

test('a file that is written over in place is told', async () => {
  await using file = await followFile(one)
  await file.followed.nextUpdate()
  await writeFile(file.path, two)
  // An empty file may have been seen on the way; it is a fault then, and not the end of all endpoints.
  assert.deepEqual(await file.followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] })
})

test('a folder whose content is swapped by a link, as Kubernetes does, is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-links-'))
  const version = async (name: string, text: string): Promise<void> => {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'endpoints.yaml'), text)
    await symlink(name, join(folder, '..data.new'))
    await rename(join(folder, '..data.new'), join(folder, '..data'))
  }
  await version('..1', one)
  await symlink(join('..data', 'endpoints.yaml'), join(folder, 'endpoints.yaml'))
  await using followed = new FollowedSource(fileSource(join(folder, 'endpoints.yaml'), unpolled))
  await followed.nextUpdate()
  await version('..2', two)
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] })
  await rm(folder, { recursive: true })
})

test('a file that is wrong is a fault, what was told stays, and the next right one is told', async () => {
  await using file = await followFile(one)
  await file.followed.nextUpdate()
  for (const [text, complaint] of [
    ['services: { evenkeel: [', /Flow sequence/],
    ['services: { evenkeel: [10.0.0.1] }', /services\.evenkeel\.0: "10\.0\.0\.1" is no IP address with a port/],
    ['', /the file: /],
  ] as const) {
    await file.replace(text)
    // The fault of the file before may come twice: the new one beside it is a change as well.
    await file.followed.nextFault(complaint)
  }
  assert.deepEqual(file.followed.truth, { evenkeel: ['10.0.0.1:50051'] })
  await file.replace(two)
  assert.deepEqual(await file.followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] })
  assert.equal(await file.followed.next(), 'recovered')
})

test('a file that goes away is a fault, and is taken up again when it is back as it was', async () => {
  await using file = await followFile(one)
  await file.followed.nextUpdate()
  await rename(file.path, `${file.path}.away`)
  assert.match(await file.followed.nextFault(), /^file:\S+: ENOENT/)
  await rename(`${file.path}.away`, file.path)
  await file.followed.recovered()
  assert.equal(file.followed.updates.length, 1)
})

test('a file in a folder that does not exist yet is found by the poll', async () => {
  await using file = await followFile(one)
  const path = join(file.folder, 'later', 'endpoints.yaml')
  await using followed = new FollowedSource(fileSource(path, { pollMs: 5, settleMs: 0 }))
  assert.match(await followed.nextFault(), /ENOENT/)
  await mkdir(join(file.folder, 'later'))
  await writeFile(path, two)
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] })
  await followed.recovered()
})

test('a folder that is deleted and made again is followed on', async () => {
  await using file = await followFile(undefined, { pollMs: 5, settleMs: 0 })
  await file.followed.nextFault()
  await rm(file.folder, { recursive: true })
  await file.followed.nextFault()
  await mkdir(file.folder)
  await file.replace(one)
  assert.deepEqual(await file.followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051'] })
})

test('a file above 16 MiB is not read', async () => {
  await using file = await followFile(`${one}\n#${'x'.repeat(16 * 1024 * 1024)}`)
  assert.match(await file.followed.nextFault(), /\d+ bytes are above the limit of 16777216; split the file$/)
})

test('a folder in place of the file is a fault', async () => {
  await using file = await followFile(undefined)
  await using followed = new FollowedSource(fileSource(file.folder, unpolled))
  assert.match(await followed.nextFault(), /EISDIR/)
})
