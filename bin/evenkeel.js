#!/usr/bin/env node
// From a clone the TypeScript runs as it is; a packed tarball carries dist/ and no cli/.
import { existsSync } from 'node:fs'
import process from 'node:process'

const source = new URL('../cli/main.ts', import.meta.url)
const fromClone = existsSync(source)
if (fromClone && !process.features.typescript) {
  process.stderr.write(
    `error: Node ${process.versions.node} does not run TypeScript; run \`npm install\` first, it brings a Node that does\n`,
  )
  process.exit(2)
}
// The least of package.json, said here: an older Node would stop at syntax that it does not know.
if (Number.parseInt(process.versions.node) < 24) {
  process.stderr.write(`error: evenkeel needs Node 24 or later; this is Node ${process.versions.node}\n`)
  process.exit(2)
}
await import(fromClone ? source.href : new URL('../dist/cli/main.js', import.meta.url).href)
