import assert from 'node:assert/strict'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import { relativeLinks, section } from './markdown.ts'
import { foldersOf, readTree, treeFiles } from './tree.ts'

const files = treeFiles()
const folders = foldersOf(files)

/**
 * Folders with a README: those at the top, and all that hold TypeScript. Not what is generated (below gen/), and not the
 * folders of other tools, whose names begin with a dot.
 */
const readmeFolders = folders.filter((folder) => {
  if (folder.startsWith('.') || folder.startsWith('gen/')) return false
  return !folder.includes('/') || files.some((file) => dirname(file) === folder && file.endsWith('.ts'))
})

const listed = (folder: string): string[] =>
  [...section(readTree(`${folder}/README.md`), '## Files').matchAll(/^- `([^`]+)`: .+/gm)].map(([, name = '']) => name)

const entriesOf = (folder: string): string[] => [
  ...files.filter((file) => dirname(file) === folder && basename(file) !== 'README.md').map((file) => basename(file)),
  ...folders.filter((other) => dirname(other) === folder).map((other) => `${basename(other)}/`),
]

for (const folder of readmeFolders) {
  test(`${folder}/README.md lists what is in the folder, and nothing else`, () => {
    const names = listed(folder)
    const entries = entriesOf(folder)
    assert.deepEqual(
      {
        missing: entries.filter((name) => !names.includes(name) && !name.endsWith('.test.ts')),
        gone: names.filter((name) => !entries.includes(name)),
        twice: names.filter((name, at) => names.indexOf(name) !== at),
      },
      { missing: [], gone: [], twice: [] },
    )
  })
}

test('README.md says of every folder at the top what it is', () => {
  const linked = relativeLinks(section(readTree('README.md'), '## Where things are')).map((link) =>
    link.replace(/\/$/, ''),
  )
  const top = folders.filter((folder) => !folder.includes('/') && !folder.startsWith('.'))
  assert.deepEqual(linked.toSorted(), top.toSorted())
})
