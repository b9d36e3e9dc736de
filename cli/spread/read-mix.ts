import { readFile } from 'node:fs/promises'
import { usageError } from '../command-error.ts'
import type { JobMix } from './jobs.ts'

/** Reads a file such as `{"tiny": 90, "5ms": 10}`: jobs with their shares. Throws a usage error for anything else. */
export async function readMix(path: string): Promise<JobMix> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw usageError(`--mix ${path}: ${error.message}`)
  })
  let mix: unknown
  try {
    mix = JSON.parse(text)
  } catch (error) {
    throw usageError(`--mix ${path}: ${(error as Error).message}`)
  }
  if (!isMix(mix)) throw usageError(`--mix ${path}: must be jobs with shares above 0, such as {"tiny": 90, "5ms": 10}`)
  return mix
}

function isMix(value: unknown): value is JobMix {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const shares = Object.values(value)
  return shares.length > 0 && shares.every((share) => typeof share === 'number' && share > 0 && Number.isFinite(share))
}
