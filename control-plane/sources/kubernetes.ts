import { Follower } from './kubernetes/follower.ts'
import { defaultSettings, type KubernetesOptions, type KubernetesService } from './kubernetes/settings.ts'
import type { ServiceSource } from './service-source.ts'
import { Teller } from './teller.ts'

/** The endpoints of a Service, by list and watch of its EndpointSlices. */
export function kubernetesSource(wanted: KubernetesService, options: KubernetesOptions = {}): ServiceSource {
  const settings = { ...defaultSettings, ...options }
  const namespace = wanted.namespace === undefined ? '' : `${wanted.namespace}/`
  const portName = wanted.portName === undefined ? '' : `:${wanted.portName}`
  const name = `kubernetes:${namespace}${wanted.name}${portName}`
  return {
    name,
    service: wanted.service,
    follow: async (listener, signal) => {
      const follower = new Follower({ wanted, settings, name, teller: new Teller(listener), signal })
      while (!signal.aborted) await follower.attempt()
    },
  }
}
