import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Libraries of one source, and the folders where machines keep its licence. */
interface Source {
  name: string
  libraries: RegExp
  folders: readonly string[]
}

const sources: readonly Source[] = [
  {
    name: 'glibc',
    libraries: /^(ld-linux.*|libc|libm|libdl|libpthread|librt)\.so/,
    folders: ['usr/share/doc/libc6', 'usr/share/licenses/glibc'],
  },
  {
    name: 'gcc',
    libraries: /^(libstdc\+\+|libgcc_s|libatomic)\.so/,
    folders: ['usr/share/doc/libstdc++6', 'usr/share/licenses/libstdc++', 'usr/share/licenses/gcc-libs'],
  },
]

/** What is copied from a machine into an image. */
export interface LicenceOptions {
  /** Paths of the libraries. */
  libraries: readonly string[]
  /** The folder that becomes the root of the image. */
  target: string
  /** The root of the machine; default `/`. */
  root?: string
}

/** Copies the licences of libraries to usr/share/licenses. Rejects with the library whose licence is not found, and what to do. */
export async function copyLibraryLicences({ libraries, target, root = '/' }: LicenceOptions): Promise<void> {
  const needed = new Set(libraries.map((path) => sourceOf(path)))
  for (const { name, folders } of needed) {
    const texts = await firstWithTexts(folders.map((folder) => join(root, folder)))
    if (texts === undefined) {
      const places = folders.map((folder) => join(root, folder)).join(', ')
      throw new Error(`the licence of ${name} is in none of ${places}; install its package with documentation`)
    }
    for (const text of texts) {
      await copyText(text, join(target, 'usr/share/licenses', name, basename(text)))
      await copyQuoted(text, { target, root })
    }
  }
}

/** The licence texts of a folder, also those in a folder LICENSES of it; none when there is no such folder. */
export async function licenceTexts(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const named = entries.filter(({ name }) => /^(licen[cs]es?|copying|copyright|notice)/i.test(name))
  const found = named.map(async (entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
  return (await Promise.all(found)).flat()
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

function sourceOf(library: string): Source {
  const source = sources.find(({ libraries }) => libraries.test(basename(library)))
  if (source !== undefined) return source
  throw new Error(`nobody knows the licence of ${library}; add its source to deploy/licence-texts.ts`)
}

/** The licence texts of the first folder that has any. */
export async function firstWithTexts(folders: readonly string[]): Promise<string[] | undefined> {
  for (const folder of folders) {
    const texts = await licenceTexts(folder)
    if (texts.length > 0) return texts
  }
  return undefined
}

/** Texts of Debian name the licences in full that they share, by path. */
async function copyQuoted(text: string, { target, root }: { target: string; root: string }): Promise<void> {
  const quoted = (await readFile(text, 'utf8')).matchAll(/\/(usr\/share\/common-licenses\/[A-Z]+(?:-\d+(?:\.\d+)*)?)/gi)
  for (const path of new Set([...quoted].map(([, found = '']) => found))) {
    await copyText(join(root, path), join(target, path))
  }
}

/** Copies one text, and makes the folder that it goes to. */
export async function copyText(text: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await cp(text, target, { dereference: true })
}
