import { readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * Shows esbuild what ES modules of packages ask for by a `require` of their own making (`createRequire`), as
 * @opentelemetry/otlp-grpc-exporter-base does: it would be looked for at run time, where no packages are.
 */
export const hiddenRequires: Plugin = {
  name: 'hidden-requires',
  setup: (build) => {
    build.onLoad({ filter: /\/node_modules\/@opentelemetry\/.*\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return { contents: text.replaceAll('__require(', 'require('), loader: 'js' }
    })
  },
}

/**
 * Asked for within `try`, by `debug` and `ws` (of @kubernetes/client-node) and `node-fetch` (of grpc-js-xds): they go on without, as
 * they do here.
 */
const dispensable = new Set(['supports-color', 'bufferutil', 'utf-8-validate', 'encoding'])

/** Packages that a bundled module would look for at run time, and not go on without. There must be none. */
export function packagesAskedFor(bundled: string): string[] {
  const asked = [...bundled.matchAll(/require\w*\("([^"]+)"\)/gi)].map(([, name = '']) => name)
  return asked.filter((name) => !isBuiltin(name) && !dispensable.has(name))
}
