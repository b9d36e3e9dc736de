import { readdir, readFile } from 'node:fs/promises'

/** CPU time of all threads of a process so far. Threads that have ended are not counted. */
export async function cpuMs(pid: number): Promise<number> {
  let nanoseconds = 0
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const [onCpu] = (await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ')
    nanoseconds += Number(onCpu)
  }
  return nanoseconds / 1e6
}

/** Resident memory of a process now. */
export function residentMb(pid: number): Promise<number> {
  return statusMb(pid, 'VmRSS')
}

/** The most resident memory that a process ever had. */
export function peakMb(pid: number): Promise<number> {
  return statusMb(pid, 'VmHWM')
}

async function statusMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no ${field}`)
  return Number(kilobytes) / 1024
}
