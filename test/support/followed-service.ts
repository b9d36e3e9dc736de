import { kubernetesSource } from '../../control-plane/sources/kubernetes.ts'
import type { KubernetesOptions, KubernetesService } from '../../control-plane/sources/kubernetes/settings.ts'
import { KubernetesApi } from './kubernetes-api.ts'
import { readyAt, sliceOf } from './slices.ts'
import { FollowedSource } from './source-listener.ts'

/** Tries again at once. */
export const quick: KubernetesOptions = { backOff: { minMs: 1, maxMs: 5 } }

/** A source that asks this server. */
export function follow(
  api: KubernetesApi,
  { wanted = {}, ...options }: KubernetesOptions & { wanted?: Partial<KubernetesService> } = {},
): FollowedSource {
  const service = { service: 'evenkeel', name: 'evenkeel', ...wanted }
  return new FollowedSource(kubernetesSource(service, { kubeconfig: api.kubeconfig, ...quick, ...options }))
}

/** An API server with one slice of one endpoint, and a source that told it and watches. */
export async function following(
  options: KubernetesOptions = {},
): Promise<AsyncDisposable & { api: KubernetesApi; followed: FollowedSource }> {
  const api = await KubernetesApi.start()
  api.put(sliceOf('evenkeel-1', [readyAt('10.0.0.1')]))
  const watched = api.request('watch')
  const followed = follow(api, options)
  await Promise.all([watched, followed.nextUpdate()])
  return {
    api,
    followed,
    [Symbol.asyncDispose]: async () => {
      await followed[Symbol.asyncDispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

/** What `following` told. */
export const before = { evenkeel: ['10.0.0.1:50051'] }
/** What is told once `two` is there. */
export const after = { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] }
/** The slice of `following` with a second endpoint. */
export const two = sliceOf('evenkeel-1', [readyAt('10.0.0.1'), readyAt('10.0.0.2')])
