import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { filesByUrl } from './files-by-url.ts'
import { filesOfPackages, packageOf, type PackageFiles } from './files-of-packages.ts'
import { hiddenRequires, packagesAskedFor } from './hidden-requires.ts'
import { lateRequires } from './late-requires.ts'
import { licenceTexts } from './licence-texts.ts'
import { packagesOnDemand } from './packages-on-demand.ts'
import type { Role } from './roles.ts'

const root = resolve(import.meta.dirname, '..')

/** CommonJS packages within an ES module ask for `require`, and for the folder that they would lie in. */
const banner = [
  `import { createRequire as createRequireOfBundle } from 'node:module'`,
  'const require = createRequireOfBundle(import.meta.url)',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname',
].join('\n')

/** What a bundle is made of. */
export interface Bundle {
  /** The packages that are in it, by name. */
  packages: string[]
}

/**
 * Bundles a role into one flat folder that needs nothing beside itself: `main.mjs`, for its worker threads `thread.mjs` and
 * `tasks.mjs` (`moduleBeside` looks for them there), chunks that load on demand, files that the code reads while it runs, and
 * the licences of the packages. The folder is made; it must be empty.
 */
export async function bundle(role: Role, folder: string): Promise<Bundle> {
  await mkdir(folder, { recursive: true })
  const packageFiles = filesOfPackages()
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entryPointsOf(role),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // Reflection and exporters are imported on demand: a replica without them does not load them.
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // Names stay as they are: they stand in stack traces and, for classes, in errors.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    banner: { js: banner },
    plugins: [packagesOnDemand, hiddenRequires, lateRequires, packageFiles.plugin, filesByUrl(folder)],
    metafile: true,
    logLevel: 'warning',
  })
  await checkComplete(folder)
  const packages = packagesIn(metafile)
  await Promise.all(packageFiles.read().map((files) => copyFiles(files, folder)))
  await copyLicences(packages, join(folder, 'licenses'))
  return { packages: [...packages.keys()].toSorted() }
}

function entryPointsOf({ main, tasks }: Role): { in: string; out: string }[] {
  if (tasks === undefined) return [{ in: main, out: 'main' }]
  return [
    { in: main, out: 'main' },
    { in: 'chassis/workers/thread.ts', out: 'thread' },
    { in: tasks, out: 'tasks' },
  ]
}

async function checkComplete(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => each.endsWith('.mjs'))) {
    const missing = packagesAskedFor(await readFile(join(folder, name), 'utf8'))
    if (missing.length > 0) throw new Error(`the bundle asks for ${missing.join(', ')}, which is not in it (${name})`)
  }
}

async function copyFiles({ from, to }: PackageFiles, folder: string): Promise<void> {
  await cp(from, join(folder, to), { recursive: true })
  // Its package has it executable, which only programs shall be.
  if (to.endsWith('.wasm')) await chmod(join(folder, to), 0o644)
}

/** Packages of which something is left in the bundle, with their folders. */
function packagesIn({ outputs }: Metafile): Map<string, string> {
  const inputs = Object.values(outputs).flatMap(({ inputs: all }) =>
    Object.entries(all).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  )
  const found = inputs.map(([path]) => packageOf(resolve(root, path))).filter((each) => each !== undefined)
  return new Map(found.map(({ name, folder }) => [name, folder]))
}

/** Most licences ask that they go along with every copy. A text that many packages have is there once, with links to it. */
async function copyLicences(packages: ReadonlyMap<string, string>, folder: string): Promise<void> {
  const places = new Map<string, string>()
  for (const [name, source] of packages) {
    for (const path of await licenceTexts(source)) {
      const text = await readFile(path, 'utf8')
      const target = join(folder, name, relative(source, path))
      const same = places.get(text)
      await mkdir(dirname(target), { recursive: true })
      if (same === undefined) places.set(text, target)
      await (same === undefined ? writeFile(target, text) : symlink(relative(dirname(target), same), target))
    }
  }
}
