import { type RunOptions, runProgram } from './programs.ts'

/** An object of Kubernetes, as far as it is the same for all kinds. */
export interface KubernetesObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMetadata
}

interface ObjectMetadata {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  creationTimestamp?: string
  /** Set once it is being deleted. */
  deletionTimestamp?: string
}

/** A pod, as far as the proofs look into it. */
export interface Pod extends KubernetesObject {
  spec: { nodeName?: string; containers: { name: string }[] }
  status: {
    phase: string
    podIP?: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { name: string; containerID?: string; restartCount: number }[]
  }
}

/** kubectl within one namespace of the cluster that KUBECONFIG names. */
export class Kubectl {
  readonly namespace: string

  constructor(namespace: string) {
    this.namespace = namespace
  }

  /** Runs it and resolves to its output. */
  run(args: readonly string[], options?: RunOptions): Promise<string> {
    return runProgram('kubectl', ['--namespace', this.namespace, ...args], options)
  }

  /** One object, such as `deployment/evenkeel`. */
  async get<T>(name: string): Promise<T> {
    return JSON.parse(await this.run(['get', name, '--output', 'json'])) as T
  }

  /** All objects of a kind that a label selector matches. */
  async list<T>(kind: string, selector = ''): Promise<T[]> {
    const answer = await this.run(['get', kind, '--selector', selector, '--output', 'json'])
    return (JSON.parse(answer) as { items: T[] }).items
  }

  /** Makes objects, or changes those that are there. */
  async apply(objects: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects }
    await this.run(['apply', '--filename', '-'], { input: JSON.stringify(list) })
  }

  /** Resolves when all replicas of a Deployment are of its newest template and ready, and no other is left. */
  async rolledOut(deployment: string, withinSeconds = 180): Promise<void> {
    const bound = `--timeout=${withinSeconds}s`
    await this.run(['rollout', 'status', `deployment/${deployment}`, bound], { timeoutMs: (withinSeconds + 10) * 1000 })
  }
}

/** True when the kubelet finds a pod ready and nobody has deleted it. */
export function isReady(pod: Pod): boolean {
  const ready = pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return ready && pod.metadata.deletionTimestamp === undefined
}
