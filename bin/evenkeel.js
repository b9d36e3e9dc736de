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
await import(fromClone ? source.href : new URL('../dist/cli/main.js', import.meta.url).href)
