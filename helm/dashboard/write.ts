import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { dashboardJson } from './dashboard.ts'
import { rows } from './panels.ts'

writeFileSync(resolve(import.meta.dirname, '../evenkeel/files/dashboard.json'), dashboardJson(rows))
