import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { packageOf } from './files-of-packages.ts'

const namespace = 'package-on-demand'

/**
 * Gives `await import('package')` in our sources the names that Node gives it. Of a CommonJS package that is imported on demand
 * esbuild exports `default` alone (https://esbuild.github.io/content-types/#default-interop), and what Node finds is undefined.
 */
export const packagesOnDemand: Plugin = {
  name: 'packages-on-demand',
  setup: (build) => {
    build.onResolve({ filter: /^[@a-z]/ }, async ({ path, kind, importer, resolveDir }) => {
      if (kind !== 'dynamic-import' || packageOf(importer) !== undefined) return undefined
      const found = await build.resolve(path, { kind: 'import-statement', resolveDir })
      if (found.errors.length > 0 || found.external) return found
      return { path, namespace, pluginData: { file: found.path, resolveDir } }
    })
    build.onLoad({ filter: /.*/, namespace }, async ({ path, pluginData }) => {
      const { file, resolveDir }: { file: string; resolveDir: string } = pluginData
      const names = Object.keys(await import(pathToFileURL(file).href))
      const list = names.filter((name) => /^[\w$]+$/.test(name)).join(', ')
      return { contents: `export { ${list} } from ${JSON.stringify(path)}`, loader: 'js', resolveDir }
    })
  },
}
