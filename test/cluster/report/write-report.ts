import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { recordFiles, type StepRecord } from '../support/step-record.ts'
import type { Circumstances } from './circumstances.ts'
import { htmlReport } from './html.ts'
import { markdownReport } from './markdown.ts'

/** Makes `report.md` and `report.html` of the records in a folder, in the order of their start. Resolves to the former's path. */
export async function writeReport(folder: string, circumstances: Circumstances): Promise<string> {
  const files = globSync(recordFiles, { cwd: folder })
  const records = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as StepRecord),
  )
  const ordered = records.toSorted((one, other) => one.startedAtMs - other.startedAtMs)
  await writeFile(join(folder, 'report.html'), htmlReport(ordered, circumstances))
  const path = join(folder, 'report.md')
  await writeFile(path, markdownReport(ordered, circumstances))
  return path
}
