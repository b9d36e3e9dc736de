import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers'

/** Marks what tests of this checkout have made, and by which process, so that what a killed one left behind can be removed. */
const checkoutLabel = 'evenkeel.test'
const processLabel = 'evenkeel.test.process'
const checkout = resolve(import.meta.dirname, '../..')
/** What every container of a test is labelled with. */
export const labels = { [checkoutLabel]: checkout, [processLabel]: String(process.pid) }

/** What to start. */
export interface ContainerOptions {
  image: string
  /** What follows the entry point. */
  args?: readonly string[]
  environment?: Record<string, string>
  /** The line that says that it is ready. */
  readyLine: RegExp
  /** CPUs that it may use; default: all. */
  cpus?: number
  memoryMb?: number
  hostname?: string
  /** Ports to be reached from here. */
  ports?: readonly number[]
  /** Name of a network, or `host`. */
  network?: string
  /** What others in its network call it. */
  networkAlias?: string
  /** Folders of this machine that are seen in it, read-only, by the place there. */
  folders?: Record<string, string>
}

/** A container that is ready. Disposing kills and removes it. */
export interface Container extends AsyncDisposable {
  readonly id: string
  /** What it has written so far. */
  readonly lines: readonly string[]
  /** Where this process reaches one of its ports. */
  address(port: number): string
  /** Its IP address in its network. */
  readonly networkAddress: string
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again after its end. Ports to be reached from here are others then, `lines` stay as they are. */
  startAgain(): Promise<void>
  /** Resolves with the exit code. */
  exited(): Promise<number>
}

/** A container as the product is meant to run: nothing to write to, no capabilities, no new privileges, not root. */
class ConfinedContainer extends GenericContainer {
  constructor(image: string) {
    super(image)
    this.hostConfig.ReadonlyRootfs = true
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges').withUser('65532:65532')
    // What its own cleaner would do is done by label; the cleaner is an image that had to be fetched.
    this.withLabels(labels).withAutoCleanup(false)
  }
}

/** Starts a container, confined; resolves when it has written its ready line. Rejects with what it wrote when it does not. */
export async function startConfined(options: ContainerOptions): Promise<Container> {
  const { network, hostname, ports = [], folders = {} } = options
  const lines: string[] = []
  const ready = Promise.withResolvers<void>()
  const onLine = (line: string): void => {
    lines.push(line)
    if (options.readyLine.test(line)) ready.resolve()
  }
  const container = new ConfinedContainer(options.image)
    .withCommand([...(options.args ?? [])])
    .withEnvironment(options.environment ?? {})
    .withExposedPorts(...ports)
    .withResourcesQuota({ memory: (options.memoryMb ?? 256) / 1024, ...(options.cpus ? { cpu: options.cpus } : {}) })
    .withBindMounts(Object.entries(folders).map(([target, source]) => ({ source, target, mode: 'ro' })))
    .withWaitStrategy(Wait.forLogMessage(options.readyLine))
    .withStartupTimeout(30_000)
    .withLogConsumer((input) => createInterface({ input }).on('line', onLine))
  if (network !== undefined) container.withNetworkMode(network)
  if (options.networkAlias !== undefined) container.withNetworkAliases(options.networkAlias)
  if (hostname !== undefined) container.withHostname(hostname)
  try {
    const started = await container.start()
    // What waits for the line reads another copy of the log.
    await ready.promise
    return await running(started, lines, network)
  } catch (error) {
    throw new Error(`${options.image} did not become ready. It wrote:\n${lines.join('\n')}`, { cause: error })
  }
}

async function running(started: StartedTestContainer, lines: string[], network = ''): Promise<Container> {
  const { container: client } = await getContainerRuntimeClient()
  const container = client.getById(started.getId())
  return {
    id: started.getId(),
    lines,
    address: (port) => `${started.getHost()}:${started.getMappedPort(port)}`,
    networkAddress: network === '' || network === 'host' ? '127.0.0.1' : started.getIpAddress(network),
    kill: async (signal) => {
      await container.kill({ signal })
    },
    startAgain: () => container.start(),
    exited: async () => {
      const { StatusCode: code }: { StatusCode: number } = await container.wait()
      return code
    },
    [Symbol.asyncDispose]: async () => {
      await container.remove({ force: true, v: true })
    },
  }
}

/** A network of its own; disposing removes it. All its containers must be gone by then. */
export async function createNetwork(): Promise<AsyncDisposable & { name: string }> {
  const { dockerode } = (await getContainerRuntimeClient()).container
  const name = `evenkeel-test-${crypto.randomUUID()}`
  const network = await dockerode.createNetwork({ Name: name, Labels: labels })
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await network.remove()
    },
  }
}

/** Removes containers and networks of this process, and of those of this checkout that are gone. For the start and the end of a file. */
export async function removeLeftBehind(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container
  const filters = { label: [`${checkoutLabel}=${checkout}`] }
  const isLeft = ({ Labels: found = {} }: { Labels?: Record<string, string> | undefined }): boolean =>
    Number(found[processLabel]) === process.pid || !isAlive(Number(found[processLabel]))
  for (const { Id: id } of (await dockerode.listContainers({ all: true, filters })).filter(isLeft)) {
    await dockerode.getContainer(id).remove({ force: true, v: true })
  }
  for (const { Id: id } of (await dockerode.listNetworks({ filters })).filter(isLeft)) {
    await dockerode.getNetwork(id).remove()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
