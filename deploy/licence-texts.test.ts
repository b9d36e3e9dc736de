import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { copyLibraryLicences } from './licence-texts.ts'

/** A machine with these files and an empty target, both below one temporary folder. */
async function machine(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-licences-'))
  const root = join(folder, 'machine')
  const target = join(folder, 'image')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return {
    root,
    target,
    inImage: (path: string) => readFile(join(target, path), 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

test('the licences of libraries go along, and those that they name by path', async () => {
  await using there = await machine({
    'usr/share/doc/libc6/copyright': 'see /usr/share/common-licenses/LGPL-2.1.',
    'usr/share/common-licenses/LGPL-2.1': 'lesser',
    'usr/share/licenses/gcc-libs/COPYING3': 'general',
  })
  await copyLibraryLicences({
    libraries: ['/lib/libc.so.6', '/lib64/ld-linux-x86-64.so.2', '/lib/libatomic.so.1'],
    ...there,
  })
  assert.match(await there.inImage('usr/share/licenses/glibc/copyright'), /common-licenses/)
  assert.equal(await there.inImage('usr/share/common-licenses/LGPL-2.1'), 'lesser')
  assert.equal(await there.inImage('usr/share/licenses/gcc/COPYING3'), 'general')
})

test('a licence that is missing, and a library that nobody knows, end the making of an image by name', async () => {
  await using there = await machine({})
  await assert.rejects(
    copyLibraryLicences({ libraries: ['/lib/libc.so.6'], ...there }),
    /licence of glibc is in none of/,
  )
  await assert.rejects(
    copyLibraryLicences({ libraries: ['/lib/libfoo.so.1'], ...there }),
    /licence of \/lib\/libfoo\.so\.1/,
  )
})
