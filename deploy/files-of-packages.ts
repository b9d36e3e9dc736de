import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Plugin } from 'esbuild'

/** Where gRPC's packages keep what they read. */
const readFolders = ['proto', 'build/proto', 'deps', 'build/wasm/re2.wasm']
const grpcModules = /\/node_modules\/(@grpc\/[^/]+|grpc-health-check|re2-wasm)\/build\/.*\.js$/

/** Files to be copied, `to` from the bundle's folder. */
export interface PackageFiles {
  from: string
  to: string
}

/** The plugin, and what it has found once the bundle is built. */
export interface FilesOfPackages {
  plugin: Plugin
  read(): PackageFiles[]
}

/**
 * gRPC's packages read .proto files beside themselves, through `__dirname`: health, reflection and channelz do when they are
 * loaded, or at the first call. In the bundle they look below `assets/<package>/`, where the same tree is copied.
 */
export function filesOfPackages(): FilesOfPackages {
  const used = new Map<string, string>()
  const plugin: Plugin = {
    name: 'files-of-packages',
    setup: (build) => {
      build.onLoad({ filter: grpcModules }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const found = packageOf(path)
        if (!found || !text.includes('__dirname')) return undefined
        used.set(found.name, found.folder)
        const place = `/assets/${found.name}/${relative(found.folder, dirname(path))}`
        return { contents: text.replaceAll('__dirname', `(__dirname + ${JSON.stringify(place)})`), loader: 'js' }
      })
    },
  }
  const read = (): PackageFiles[] =>
    [...used].flatMap(([name, folder]) =>
      readFolders
        .filter((inside) => existsSync(join(folder, inside)))
        .map((inside) => ({ from: join(folder, inside), to: join('assets', name, inside) })),
    )
  return { plugin, read }
}

/** The installed package that a file belongs to; undefined for our own files. */
export function packageOf(path: string): { name: string; folder: string } | undefined {
  const [, folder, name] = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(path) ?? []
  return folder === undefined || name === undefined ? undefined : { name, folder }
}
