import type { AddressType } from '../address-type.ts'
import { type BackOffOptions, defaultBackOff } from '../back-off.ts'

/** A Service of Kubernetes whose EndpointSlices are followed. */
export interface KubernetesService {
  /** What the service is called here. */
  service: string
  /** Unless given: the pod's own, or that of the context of the kubeconfig. */
  namespace?: string | undefined
  /** The Service in Kubernetes. */
  name: string
  /** Needed where the Service has several ports. */
  portName?: string | undefined
}

/** How a Service is followed. */
export interface KubernetesOptions {
  /** Default any. */
  addressType?: AddressType
  /** Path of a kubeconfig; unless given KUBECONFIG, ~/.kube/config or the service account of the pod. */
  kubeconfig?: string
  backOff?: BackOffOptions
  /** How long a request waits for an answer, in ms. Default 30 000. */
  timeoutMs?: number
  /** When a watch is taken for dead because nothing came, in ms. Default 90 000: a bookmark comes about each minute. */
  idleMs?: number
  /** When the server is asked to end a watch, in seconds, and up to a quarter more by chance. Default 240. */
  watchSeconds?: number
  /** A watch that told nothing and ended sooner, in ms, was none: the next one waits. Default 1000. */
  settledMs?: number
}

/** All settings of a source. */
export type KubernetesSettings = Required<Omit<KubernetesOptions, 'kubeconfig'>> & Pick<KubernetesOptions, 'kubeconfig'>

/** The settings that count where none are given. */
export const defaultSettings: KubernetesSettings = {
  addressType: 'any',
  backOff: defaultBackOff,
  timeoutMs: 30_000,
  idleMs: 90_000,
  watchSeconds: 240,
  settledMs: 1000,
}
