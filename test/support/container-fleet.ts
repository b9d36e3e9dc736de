import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeEndpoints } from '../../envoy/endpoints.ts'
import { type Container, createNetwork, startConfined } from './confined-container.ts'
import { eventually } from './eventually.ts'
import { startReplicaContainer } from './replica-container.ts'
import { testImage } from './test-image.ts'

/** Replicas of the hold workload behind Envoy, each in a container of one network. Disposing removes all of it. */
export interface ContainerFleet extends AsyncDisposable {
  /** Where callers reach Envoy. */
  readonly target: string
  /** Starts `pod-<n>` and resolves when Envoy finds it well. */
  add(): Promise<void>
  /** Kills a replica at once; its endpoint stays, as it does until somebody notices. */
  kill(pod: string): Promise<void>
}

/** Starts Envoy and `pod-1` to `pod-<replicas>`; resolves when Envoy finds all of them well. */
export async function startContainerFleet({ replicas }: { replicas: number }): Promise<ContainerFleet> {
  const parts = new AsyncDisposableStack()
  try {
    return await startInto(parts, replicas)
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

async function startInto(parts: AsyncDisposableStack, replicas: number): Promise<ContainerFleet> {
  const network = parts.use(await createNetwork())
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-fleet-'))
  parts.defer(() => rm(folder, { recursive: true }))
  // Envoy has another user than this process.
  await chmod(folder, 0o755)
  const pods = new Map<string, Container>()
  const start = async (hostname: string): Promise<void> => {
    const args = ['--workers=4', '--drain-delay-ms=0']
    pods.set(hostname, parts.use(await startReplicaContainer('hold', { hostname, args, network: network.name })))
  }
  const publish = (): Promise<void> => {
    const addresses = [...pods.values()].map(({ networkAddress: address }) => ({ address, port: 50051 }))
    return writeEndpoints(join(folder, 'endpoints.yaml'), addresses)
  }
  await allEnd(Array.from({ length: replicas }, (_, index) => start(`pod-${index + 1}`)))
  await publish()
  const envoy = parts.use(await startEnvoyContainer(network.name, folder))
  await eventually(() => expectHealthy(envoy, pods.size))
  return {
    target: envoy.address(8080),
    add: async () => {
      await start(`pod-${pods.size + 1}`)
      await publish()
      await eventually(() => expectHealthy(envoy, pods.size))
    },
    kill: async (pod) => pods.get(pod)?.kill('SIGKILL'),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Rejects as `Promise.all` does, but when none is under way any more: what has started can be ended then. */
async function allEnd(starts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(starts)
  await Promise.all(starts)
}

async function startEnvoyContainer(network: string, folder: string): Promise<Container> {
  const { tag } = await testImage('envoy')
  return startConfined({
    image: tag,
    readyLine: /starting main dispatch loop/,
    args: ['--concurrency', '1'],
    memoryMb: 640,
    network,
    ports: [8080, 8081],
    folders: { '/etc/evenkeel': folder },
  })
}

async function expectHealthy(envoy: Container, expected: number): Promise<void> {
  const stats = await (await fetch(`http://${envoy.address(8081)}/stats/prometheus`)).text()
  const [, healthy] = /^envoy_cluster_membership_healthy\{envoy_cluster_name="replicas"\} (\d+)$/m.exec(stats) ?? []
  if (Number(healthy) !== expected) throw new Error(`Envoy finds ${healthy} replicas well, not ${expected}`)
}
