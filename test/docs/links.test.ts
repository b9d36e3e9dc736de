import assert from 'node:assert/strict'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { anchors, codeSpans, relativeLinks, section, tableRows } from './markdown.ts'
import { foldersOf, readTree, treeFiles } from './tree.ts'

const files = treeFiles()
const places = new Set([...files, ...foldersOf(files)])
const documents = files.filter((file) => file.endsWith('.md'))

for (const document of documents) {
  test(`every link of ${document} leads to something`, () => {
    const dead = relativeLinks(readTree(document)).filter((link) => !leads(document, link))
    assert.deepEqual(dead, [])
  })
}

function leads(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : normalize(join(dirname(document), path)).replace(/\/$/, '')
  if (!places.has(target)) return false
  return anchor === undefined || anchors(readTree(target)).includes(anchor)
}

for (const document of documents) {
  test(`every path that ${document} writes from the root exists`, () => {
    const paths = codeSpans(readTree(document)).filter((span) =>
      /^(?:[\w.-]+\/)+[\w.-]*\.(?:ts|js|md|yaml|json|proto|sh|binpb)$/.test(span),
    )
    const top = new Set(foldersOf(files).filter((folder) => !folder.includes('/')))
    const fromRoot = paths.filter((path) => top.has(path.split('/')[0] as string))
    const near = (path: string): boolean => places.has(join(dirname(document), path))
    assert.deepEqual(
      fromRoot.filter((path) => !places.has(path) && !near(path)),
      [],
    )
  })
}

test('every hazard of chassis/listen is proven by a test that exists', () => {
  const proofs = tableRows(readTree('chassis/listen/README.md')).map((cells) => cells.at(-1) ?? '')
  const missing = proofs.filter(
    (proof) => codeSpans(proof).length === 0 || codeSpans(proof).some((path) => !places.has(path)),
  )
  assert.ok(proofs.length > 0)
  assert.deepEqual(missing, [])
})

test('every test that envoy/README.md names exists, and what has none says so', () => {
  const proofs = tableRows(section(readTree('envoy/README.md'), '## The numbers')).map((cells) => cells.at(-1) ?? '')
  const wrong = proofs.filter((proof) => {
    const names = codeSpans(proof)
    return names.length === 0
      ? !proof.startsWith('none')
      : names.some((name) => !places.has(`test/envoy/${name}.test.ts`))
  })
  assert.ok(proofs.length > 0)
  assert.deepEqual(wrong, [])
})
