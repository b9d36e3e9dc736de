import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, normalize, relative } from 'node:path'

/** Where to look. */
export interface CpuLimitOptions {
  /** The folder that holds `proc` and `sys`. Default `/`. */
  root?: string
  /** What the operating system says of its cores. Default `os.availableParallelism()`. */
  parallelism?: number
}

/**
 * CPUs that this process may use, also a fraction: the smallest of all CPU quotas and CPU sets from its own cgroup up to the
 * root (version 1, 2 or both), its affinity, and what the operating system has. Node knows no quota below version 2 and no
 * fraction. Never throws: what cannot be read sets no limit.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files and
 * https://docs.kernel.org/scheduler/sched-bwc.html (version 1)
 */
export function availableCpus({ root = '/', parallelism = availableParallelism() }: CpuLimitOptions = {}): number {
  const read = (path: string): string => readOrEmpty(join(root, path))
  const limits = [parallelism, cpusInList(/^Cpus_allowed_list:\s*(\S+)/m.exec(read('proc/self/status'))?.[1])]
  for (const folder of cgroupFolders(read('proc/self/cgroup'), read('proc/self/mountinfo'))) {
    const file = (name: string): string => read(join(folder, name)).trim()
    limits.push(
      quotaOf(file('cpu.max').split(' ')),
      quotaOf([file('cpu.cfs_quota_us'), file('cpu.cfs_period_us')]),
      cpusInList(file('cpuset.cpus.effective')),
      cpusInList(file('cpuset.cpus')),
    )
  }
  return Math.min(...limits)
}

/**
 * Worker threads for so many CPUs: the next whole number, at least 1. A fraction of a CPU that no thread could use would be
 * paid for in vain; a thread too many costs nothing below saturation, and at saturation the kernel pauses the process at the
 * end of each period (100 ms). Go, Java and .NET round up as well.
 */
export function workersFor(cpus: number): number {
  return Math.max(1, Math.ceil(cpus))
}

/** All cgroup folders that bound this process, in every hierarchy, from its own up to the mount point. */
function cgroupFolders(cgroup: string, mountinfo: string): string[] {
  const memberships = cgroup.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  return mountinfo.split('\n').flatMap((line) => {
    const mount = /^\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)/.exec(line)
    if (mount === null) return []
    const [mountRoot = '/', mountPoint = '/', type, controllers = ''] = mount.slice(1).map(unescapeOctal)
    const membership = memberships.find((candidate) =>
      type === 'cgroup2' ? candidate?.[1] === '' : shareOne(candidate?.[1] ?? '', controllers),
    )
    return membership == null ? [] : foldersUpTo(mountPoint, relative(mountRoot, normalize(membership[2] ?? '/')))
  })
}

/** `path` below `top`, and every folder between. A path outside of what is mounted (a container sees only its own) is `top`. */
function foldersUpTo(top: string, path: string): string[] {
  if (path === '' || path === '.' || path.startsWith('..')) return [top]
  return [join(top, path), ...foldersUpTo(top, dirname(path))]
}

function shareOne(some: string, others: string): boolean {
  const names = new Set(others.split(','))
  return some.split(',').some((name) => name !== '' && names.has(name))
}

/** A quota and its period in microseconds as CPUs; `max` and -1 are no limit. */
function quotaOf([quota, period]: readonly (string | undefined)[]): number {
  const cpus = Number(quota || 'none') / Number(period || 'none')
  return cpus > 0 ? cpus : Infinity
}

/** How many CPUs a list such as `0-2,7` names; an empty one is no limit. */
function cpusInList(list = ''): number {
  let count = 0
  for (const range of list.split(',')) {
    const [first = Number.NaN, last = first] = range.split('-').map((cpu) => (cpu === '' ? Number.NaN : Number(cpu)))
    if (last >= first) count += last - first + 1
  }
  return count || Infinity
}

/** Mount tables write spaces and the like as `\040`. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
