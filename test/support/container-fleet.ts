import { type Container, createNetwork, startConfined } from './confined-container.ts'
import { startControlPlaneContainer } from './control-plane-container.ts'
import { eventually } from './eventually.ts'
import { startReplicaContainer } from './replica-container.ts'
import { testImage } from './test-image.ts'

/** Replicas of the hold workload behind Envoy, and a control plane, each in a container of one network. Disposing removes all. */
export interface ContainerFleet extends AsyncDisposable {
  /** Where callers reach Envoy. */
  readonly target: string
  /** Starts `pod-<n>` and has the control plane told of it; Envoy need not know it yet. */
  add(): Promise<void>
  /** Resolves when Envoy finds every replica well. */
  settled(): Promise<void>
  /** Kills a replica at once; its endpoint stays, as it does until somebody notices. */
  kill(pod: string): Promise<void>
  /** Kills the control plane at once, and resolves when it is gone. */
  killControlPlane(): Promise<void>
  /** Starts it again. */
  startControlPlane(): Promise<void>
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
  const place = { network: network.name, networkAlias: 'control-plane' }
  const controlPlane = parts.use(await startControlPlaneContainer(place))
  const pods = new Map<string, Container>()
  const start = async (hostname: string): Promise<void> => {
    const args = ['--workers=4', '--drain-delay-ms=0']
    pods.set(hostname, parts.use(await startReplicaContainer('hold', { hostname, args, network: network.name })))
  }
  const publish = (): Promise<void> => {
    const addresses = [...pods.values()].map(({ networkAddress: address }) => ({ address, port: 50051 }))
    return controlPlane.publish(addresses)
  }
  await allEnd(Array.from({ length: replicas }, (_, index) => start(`pod-${index + 1}`)))
  await publish()
  const envoy = parts.use(await startEnvoyContainer(network.name))
  const settled = (): Promise<void> => eventually(() => expectHealthy(envoy, pods.size))
  await settled()
  return {
    target: envoy.address(8080),
    add: async () => {
      await start(`pod-${pods.size + 1}`)
      await publish()
    },
    settled,
    kill: async (pod) => pods.get(pod)?.kill('SIGKILL'),
    killControlPlane: async () => {
      const gone = controlPlane.exited()
      await controlPlane.kill('SIGKILL')
      await gone
    },
    startControlPlane: () => controlPlane.startAgain(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Rejects as `Promise.all` does, but when none is under way any more: what has started can be ended then. */
async function allEnd(starts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(starts)
  await Promise.all(starts)
}

async function startEnvoyContainer(network: string): Promise<Container> {
  const { tag } = await testImage('envoy')
  return startConfined({
    image: tag,
    readyLine: /starting main dispatch loop/,
    args: ['--concurrency', '1'],
    memoryMb: 640,
    network,
    ports: [8080, 8081],
  })
}

async function expectHealthy(envoy: Container, expected: number): Promise<void> {
  const stats = await (await fetch(`http://${envoy.address(8081)}/stats/prometheus`)).text()
  const [, healthy] = /^envoy_cluster_membership_healthy\{envoy_cluster_name="replicas"\} (\d+)$/m.exec(stats) ?? []
  if (Number(healthy) !== expected) throw new Error(`Envoy finds ${healthy} replicas well, not ${expected}`)
}
