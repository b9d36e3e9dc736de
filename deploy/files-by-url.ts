import { copyFile, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/** `new URL('../gen/descriptors/x.binpb', import.meta.url)`: a file beside the sources that is read while the code runs. */
const byUrl = /new URL\('(\.[^']+)', import\.meta\.url\)/g

/**
 * Copies files that our sources name by `new URL('./file', import.meta.url)` into the folder of the bundle, and has the code look
 * for them there. Fails when there is no such file.
 */
export function filesByUrl(folder: string): Plugin {
  return {
    name: 'files-by-url',
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const files = [...text.matchAll(byUrl)].map(([, relative = '']) => resolve(dirname(path), relative))
        for (const file of files) await copyFile(file, join(folder, basename(file)))
        const contents = text.replaceAll(byUrl, (_, file: string) => `new URL('./${basename(file)}', import.meta.url)`)
        return { contents, loader: 'ts' }
      })
    },
  }
}
