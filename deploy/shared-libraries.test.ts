import assert from 'node:assert/strict'
import { test } from 'node:test'
import { librariesIn } from './shared-libraries.ts'

test('libraries and the loader are found by their paths, what the kernel brings is not', () => {
  const output = [
    '\tlinux-vdso.so.1 (0x00007f959b752000)',
    '\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f959b732000)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f959b754000)',
  ].join('\n')
  assert.deepEqual(librariesIn(output), ['/lib/x86_64-linux-gnu/libdl.so.2', '/lib64/ld-linux-x86-64.so.2'])
})

test('a library that is not installed is named', () => {
  assert.throws(() => librariesIn('\tlibatomic.so.1 => not found\n'), /libatomic\.so\.1 is not installed/)
})
