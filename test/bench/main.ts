import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Row, tableOf } from './row.ts'

/** One benchmark: what it says, and how its rows come about. Loaded only when it runs. */
interface Bench {
  about: string
  run: () => Promise<Row[]>
}

/** All benchmarks by name. `npm run bench` runs them in this order; each takes a minute or two. */
const benches: Record<string, Bench> = {
  handoff: {
    about: 'what it costs to hand a task to a worker thread',
    run: async () => (await import('./handoff.ts')).handoffBench(),
  },
  throughput: {
    about: 'the whole service on one worker core against the bare compute loop',
    run: async () => (await import('./throughput.ts')).throughputBench(),
  },
  calls: {
    about: 'a tiny call against a bare grpc-js echo',
    run: async () => (await import('./calls.ts')).callsBench(),
  },
  footprint: {
    about: 'memory at rest, and the time from start to SERVING',
    run: async () => (await import('./footprint.ts')).footprintBench(),
  },
  factorize: {
    about: '100 random products of two 20-digit primes on one core',
    run: async () => (await import('./factorize.ts')).factorizeBench({ onProgress: progress }),
  },
  endpoints: {
    about: 'replicas that come and go under load: how soon Envoy and callers without it know',
    run: async () => (await import('./endpoints.ts')).endpointsBench({ onProgress: progress }),
  },
  outage: {
    about: 'a minute without a control plane: what is lost, and how soon a change arrives after it',
    run: async () => (await import('./outage.ts')).outageBench({ onProgress: progress }),
  },
  loss: {
    about: 'calls lost when replicas are restarted, scaled down, killed and stopped, through Envoy and by xds',
    run: async () => (await import('./loss.ts')).lossBench({ onProgress: progress }),
  },
  evenness: {
    about: 'busy time and waits under three balancing policies against one ideal queue',
    run: async () => (await import('./evenness.ts')).evennessBench({ onProgress: progress }),
  },
  conformance: {
    about: 'cases of Connect and of grpc-go against our servers and our client, over four ways',
    run: async () => (await import('./conformance.ts')).conformanceBench({ onProgress: progress }),
  },
  floods: {
    about: 'the p99 of an innocent caller beside hostile ones, at a replica and through Envoy',
    run: async () => (await import('./floods.ts')).floodsBench({ onProgress: progress }),
  },
  overload: {
    about: 'more calls than a replica can answer: how many it answers in time, and what refused ones wait',
    run: async () => (await import('./overload.ts')).overloadBench({ onProgress: progress }),
  },
  'refusing-pod': {
    about: 'one replica of three blocked by long jobs: calls refused, by how Envoy picks',
    run: async () => (await import('./refusing-pod.ts')).refusingPodBench({ onProgress: progress }),
  },
  waste: {
    about: 'CPU for calls that are over, and how long a worker goes on with them',
    run: async () => (await import('./waste.ts')).wasteBench({ onProgress: progress }),
  },
  'control-plane': {
    about: '100 subscribers of the control plane against go-control-plane',
    run: async () => (await import('./control-plane.ts')).controlPlaneBench({ onProgress: progress }),
  },
}

const options = {
  json: { type: 'boolean', default: false },
  report: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

async function main(args: string[]): Promise<number> {
  const parsed = read(args)
  if (typeof parsed === 'string') {
    process.stdout.write(`${parsed}\n${usage()}`)
    return 2
  }
  const { names, json, report, help } = parsed
  if (help) {
    process.stdout.write(usage())
    return 0
  }
  const all: Row[] = []
  for (const name of names) {
    const bench = benches[name] as Bench
    process.stderr.write(`${name}: ${bench.about}\n`)
    const rows = await bench.run()
    if (!json) process.stdout.write(`${tableOf(rows)}\n`)
    all.push(...rows)
  }
  if (json) process.stdout.write(`${JSON.stringify(all, withoutPictures, 2)}\n`)
  if (report !== undefined) {
    const { benchReport } = await import('./report.ts')
    await writeFile(report, benchReport(names, all, new Date().toISOString().slice(0, 10)))
  }
  return 0
}

function withoutPictures(key: string, value: unknown): unknown {
  return key === 'picture' ? undefined : value
}

/** What is asked for, or what is wrong with it. Benchmarks are in the order of the table, all of them when none is named. */
function read(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const unknown = positionals.filter((name) => !(name in benches))
    if (unknown.length > 0) return unknown.map((name) => `${name}: no such benchmark`).join('\n')
    const names = Object.keys(benches).filter((name) => positionals.length === 0 || positionals.includes(name))
    return { names, ...values }
  } catch (thrown) {
    return (thrown as Error).message
  }
}

function progress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total}${done === total ? '\n' : ''}`)
}

function usage(): string {
  const rows = Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(13)} ${about}`)
  return `Usage: npm run bench -- [NAME ...] [--json] [--report FILE.html]

--json prints figures for programs; --report writes them, and their pictures, as one page.

Benchmarks:
${rows.join('\n')}
`
}

process.exitCode = await main(process.argv.slice(2))
