import type { Endpoint } from '../../envoy/endpoints.ts'
import { CrashBackoff } from './crash-backoff.ts'
import { type Replica, startReplica } from './replica.ts'
import { startAgain } from './start-again.ts'

/** What a fleet is made of. */
export interface FleetOptions {
  /** How many replicas to start with. */
  replicas: number
  /** The command that serves one replica, without options. */
  command: readonly string[]
  /** Settings of every replica, as flags. */
  settings?: readonly string[]
  environment: NodeJS.ProcessEnv
  /** Told of every change of the endpoints, before a replica that leaves is told to. Awaited. */
  publish?: (endpoints: readonly Endpoint[]) => Promise<void>
  /** Gets every line that a replica writes. */
  onLine?: (name: string, line: string) => void
  /** Told when a replica ended without being asked to, and when its place or endpoint could not be renewed. */
  onCrash?: (name: string, how: string) => void
}

/** Replicas on this machine. Disposing ends all of them and resolves when they are gone. */
export interface Fleet extends AsyncDisposable {
  /** Replicas that serve, by their number. */
  readonly replicas: readonly Replica[]
  /** Starts one more and resolves when callers may reach it. */
  add(): Promise<Replica>
  /** Takes one out of the endpoints, lets it finish, and resolves when it is gone. The youngest unless named. */
  remove(name?: string): Promise<void>
  /** Replaces every replica, one at a time; a new one serves before an old one leaves. */
  restart(): Promise<void>
}

/** Starts a fleet; resolves when all replicas serve and the endpoints are published. Leaves nothing behind when that fails. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const fleet = new LocalFleet(options)
  try {
    await fleet.grow(options.replicas)
    return fleet
  } catch (error) {
    await fleet[Symbol.asyncDispose]()
    throw error
  }
}

class LocalFleet implements Fleet {
  readonly #options: FleetOptions
  #replicas: Replica[] = []
  #nextNumber = 1
  readonly #backoff = new CrashBackoff()
  readonly #closing = new AbortController()
  #publishing: Promise<void> = Promise.resolve()

  constructor(options: FleetOptions) {
    this.#options = options
  }

  get replicas(): readonly Replica[] {
    return this.#replicas
  }

  async grow(count: number): Promise<void> {
    const names = Array.from({ length: count }, () => this.#nextName())
    const started = await Promise.allSettled(names.map((name) => this.#start(name)))
    const failed = started.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    await this.#publish()
  }

  async add(): Promise<Replica> {
    const replica = await this.#start(this.#nextName())
    await this.#publish()
    return replica
  }

  async remove(name = this.#replicas.at(-1)?.name): Promise<void> {
    const replica = this.#replicas.find((candidate) => candidate.name === name)
    if (!replica)
      throw new Error(`no replica is called ${name}; there are ${this.#replicas.map((r) => r.name).join(', ')}`)
    this.#replicas = this.#replicas.filter((other) => other !== replica)
    try {
      await this.#publish()
    } finally {
      replica.kill('SIGTERM')
      await replica.exited
    }
  }

  async restart(): Promise<void> {
    for (const { name } of this.#replicas) {
      await this.add()
      // One that has crashed meanwhile comes back as a new process by itself.
      if (this.#replicas.some((replica) => replica.name === name)) await this.remove(name)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    const ending = this.#replicas
    this.#replicas = []
    for (const replica of ending) replica.kill('SIGTERM')
    await Promise.all(ending.map((replica) => replica.exited))
    await this.#publishing
  }

  #nextName(): string {
    return `replica-${this.#nextNumber++}`
  }

  async #start(name: string): Promise<Replica> {
    const { command, environment, settings = [], onLine } = this.#options
    const replica = await startReplica({ name, command, settings, environment, onLine: (line) => onLine?.(name, line) })
    if (this.#closing.signal.aborted) {
      replica.kill('SIGTERM')
      await replica.exited
      throw new Error('the fleet is ending')
    }
    this.#replicas = [...this.#replicas, replica].toSorted((one, other) => numberOf(one) - numberOf(other))
    void replica.exited.then(({ code, signal }) => this.#replaceCrashed(replica, signal ?? `exit code ${code}`))
    return replica
  }

  /** A replica that was not asked to leave has crashed: its endpoint goes, another process takes its name. */
  async #replaceCrashed(replica: Replica, how: string): Promise<void> {
    if (!this.#replicas.includes(replica)) return
    this.#replicas = this.#replicas.filter((other) => other !== replica)
    this.#options.onCrash?.(replica.name, how)
    await this.#publishOrReport(replica.name)
    // The first crash is repaired at once; crashes that follow each other wait longer and longer.
    const again = await startAgain(() => this.#start(replica.name), {
      backoff: this.#backoff,
      ending: this.#closing.signal,
      onFailure: (why) => this.#options.onCrash?.(replica.name, why),
    })
    if (again) await this.#publishOrReport(replica.name)
  }

  /** Nobody awaits the repair of a crash, so what goes wrong with it is told. */
  async #publishOrReport(name: string): Promise<void> {
    await this.#publish().catch((error: unknown) => {
      this.#options.onCrash?.(name, `its endpoint was not published: ${String(error)}`)
    })
  }

  /** One after the other, each with the endpoints of its moment. */
  async #publish(): Promise<void> {
    const publish = this.#options.publish
    if (!publish) return
    const next = this.#publishing.then(() => publish(this.#replicas.map((replica) => replica.endpoint)))
    this.#publishing = next.catch(() => {})
    await next
  }
}

function numberOf({ name }: Replica): number {
  return Number(name.slice('replica-'.length))
}
