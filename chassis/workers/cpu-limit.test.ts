import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { availableCpus, workersFor } from './cpu-limit.ts'

/** CPUs that are found in a made file tree on a machine of 64 cores. */
function cpusIn(files: Record<string, string>): number {
  const root = mkdtempSync(join(tmpdir(), 'cpu-limit-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), `${content}\n`)
    }
    return availableCpus({ root, parallelism: 64 })
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Version 2 as a container with its own cgroup namespace sees it. */
const version2 = {
  'proc/self/cgroup': '0::/',
  'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate',
}

/** Version 1 as a container without a cgroup namespace sees it: the mounts show its own folder only. */
const version1 = {
  'proc/self/cgroup': '5:cpuset:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc',
  'proc/self/mountinfo': [
    '40 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:9 - cgroup cgroup rw,cpu,cpuacct',
    '41 31 0:30 /docker/abc /sys/fs/cgroup/cpuset ro,nosuid master:10 - cgroup cgroup rw,cpuset',
    '42 31 0:31 / /proc rw - proc proc rw',
  ].join('\n'),
}

test('without cgroups the operating system decides', () => {
  assert.equal(cpusIn({}), 64)
  assert.ok(availableCpus() > 0 && availableCpus() <= availableParallelism())
})

test('a quota of version 2 counts, also a fraction', () => {
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpu.max': '50000 100000' }), 0.5)
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpu.max': '250000 100000' }), 2.5)
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpu.max': '15000 10000' }), 1.5)
})

test('a quota of max or -1 is no limit', () => {
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpu.max': 'max 100000' }), 64)
  assert.equal(
    cpusIn({
      ...version1,
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1',
      'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
    }),
    64,
  )
})

test('a quota of version 1 counts', () => {
  const quota = { 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000' }
  const period = { 'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000' }
  assert.equal(cpusIn({ ...version1, ...quota, ...period }), 0.5)
  assert.equal(cpusIn({ ...version1, ...quota }), 64)
})

test('CPU sets of both versions count, and the affinity of the process', () => {
  assert.equal(cpusIn({ ...version1, 'sys/fs/cgroup/cpuset/cpuset.cpus': '0-2,7' }), 4)
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpuset.cpus.effective': '3' }), 1)
  assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpuset.cpus': '' }), 64)
  assert.equal(cpusIn({ 'proc/self/status': 'Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7' }), 8)
})

test('the smallest limit from the own cgroup up to the root wins', () => {
  const nested = {
    'proc/self/cgroup': '0::/kubepods/pod1/container',
    'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    'sys/fs/cgroup/kubepods/cpu.max': '600000 100000',
    'sys/fs/cgroup/kubepods/pod1/cpu.max': '300000 100000',
    'sys/fs/cgroup/kubepods/pod1/container/cpu.max': 'max 100000',
  }
  assert.equal(cpusIn(nested), 3)
  assert.equal(cpusIn({ ...nested, 'sys/fs/cgroup/kubepods/pod1/container/cpu.max': '120000 100000' }), 1.2)
  assert.equal(cpusIn({ ...nested, 'sys/fs/cgroup/kubepods/other/cpu.max': '1000 100000' }), 3)
})

test('a hierarchy of each version at once counts, whichever holds the limit', () => {
  const hybrid = {
    'proc/self/cgroup': '3:cpuset:/box\n1:cpu:/box\n0::/scope',
    'proc/self/mountinfo': [
      '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu',
      '34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n'),
    'sys/fs/cgroup/cpuset/box/cpuset.cpus': '0-15',
  }
  const quota = {
    'sys/fs/cgroup/cpu/box/cpu.cfs_quota_us': '700000',
    'sys/fs/cgroup/cpu/box/cpu.cfs_period_us': '100000',
  }
  assert.equal(cpusIn(hybrid), 16)
  assert.equal(cpusIn({ ...hybrid, ...quota }), 7)
  assert.equal(cpusIn({ ...hybrid, ...quota, 'sys/fs/cgroup/unified/scope/cpu.max': '200000 100000' }), 2)
})

test('a cgroup outside of what is mounted is taken for the top of what is', () => {
  const outside = { ...version2, 'proc/self/cgroup': '0::/../../elsewhere', 'sys/fs/cgroup/cpu.max': '400000 100000' }
  assert.equal(cpusIn(outside), 4)
})

test('a mount point with a space is found', () => {
  const mountinfo = '30 23 0:26 / /sys/my\\040cgroups rw - cgroup2 cgroup rw'
  assert.equal(
    cpusIn({ ...version2, 'proc/self/mountinfo': mountinfo, 'sys/my cgroups/cpu.max': '150000 100000' }),
    1.5,
  )
})

test('nonsense in a file is no limit', () => {
  for (const nonsense of ['', '0 100000', '100000 0', 'abc def', '-5 100000', '100000'])
    assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpu.max': nonsense }), 64)
  for (const nonsense of ['-', ',', '7-3', 'abc', '-5'])
    assert.equal(cpusIn({ ...version2, 'sys/fs/cgroup/cpuset.cpus': nonsense }), 64)
})

test('a fraction of a CPU makes one more worker; there is always one', () => {
  assert.deepEqual([0.1, 0.5, 1, 1.5, 2, 3.99, 64].map(workersFor), [1, 1, 1, 2, 2, 4, 64])
})
