import { BackOff, pause } from '../back-off.ts'
import { faultOf } from '../faults.ts'
import type { Teller } from '../teller.ts'
import { Api, type SliceRequest } from './api.ts'
import { ApiError } from './api-error.ts'
import { listSlices } from './list.ts'
import { mergeSlices } from './merge-slices.ts'
import type { KubernetesService, KubernetesSettings } from './settings.ts'
import type { Slice } from './slice.ts'
import { watchSlices } from './watch.ts'

type WatchRequest = Omit<SliceRequest, 'verb' | 'query'> & { query: { labelSelector: string; resourceVersion: string } }

/** What is followed, how, and who hears of it. */
export interface Following {
  wanted: KubernetesService
  settings: KubernetesSettings
  name: string
  teller: Teller
  signal: AbortSignal
}

/** Lists, then watches until something goes wrong; the informer of the client stops there, and swallows half of the reasons. */
export class Follower {
  readonly #following: Following
  readonly #backOff: BackOff
  #slices = new Map<string, Slice>()
  /** What could not be used of the slices when they were told last. */
  #problem: string | undefined
  /** Whether the server took the watch: a list alone does not end a fault. */
  #watching = false

  constructor(following: Following) {
    this.#following = following
    this.#backOff = new BackOff(following.settings.backOff)
  }

  /** Follows until something goes wrong, tells it, and waits until it may be tried again. */
  async attempt(): Promise<void> {
    const { name, teller, signal } = this.#following
    try {
      await this.#listAndWatch()
    } catch (error) {
      if (signal.aborted) return
      const refused = error instanceof ApiError ? error : undefined
      if (refused?.isExpired !== true) teller.fault(faultOf(name, error))
      await pause(Math.max(this.#backOff.nextMs(), refused?.retryAfterMs ?? 0), signal)
    }
  }

  /** Never resolves. Credentials and truth are read anew each time: whatever went wrong before, this begins from nothing. */
  async #listAndWatch(): Promise<never> {
    const { wanted, settings, signal } = this.#following
    this.#watching = false
    this.#problem = undefined
    const api = await Api.open(settings.kubeconfig)
    const asked = {
      namespace: wanted.namespace ?? api.namespace,
      query: { labelSelector: `kubernetes.io/service-name=${wanted.name}` },
      timeoutMs: settings.timeoutMs,
      idleMs: settings.timeoutMs,
      signal,
    }
    const list = await listSlices(api, asked)
    this.#slices = list.slices
    this.#tell()
    let { resourceVersion } = list
    for (;;) resourceVersion = await this.#watch(api, { ...asked, query: { ...asked.query, resourceVersion } })
  }

  /** Follows one watch until the server ends it, as it does every few minutes. Returns the version to go on from. */
  async #watch(api: Api, asked: WatchRequest): Promise<string> {
    const { settings, signal } = this.#following
    let { resourceVersion } = asked.query
    let told = false
    const timeoutSeconds = Math.ceil(settings.watchSeconds * (1 + Math.random() / 4))
    const query = { ...asked.query, timeoutSeconds }
    const changes = await watchSlices(api, { ...asked, query, idleMs: settings.idleMs })
    const openedAtMs = performance.now()
    this.#watching = true
    this.#recovered()
    const isSettled = (): boolean => told || performance.now() - openedAtMs >= settings.settledMs
    try {
      for await (const batch of changes) {
        for (const { resourceVersion: reached, present, gone } of batch) {
          resourceVersion = reached
          if (present !== undefined) this.#slices.set(present.metadata.name, present)
          if (gone !== undefined) this.#slices.delete(gone.metadata.name)
          told = true
        }
        this.#tell()
      }
    } finally {
      if (isSettled()) this.#backOff.reset()
    }
    // Something that ends each watch at once must not be asked without pause.
    if (!isSettled()) await pause(this.#backOff.nextMs(), signal)
    signal.throwIfAborted()
    return resourceVersion
  }

  #tell(): void {
    const { wanted, settings, name, teller } = this.#following
    const { portName } = wanted
    const { endpoints, problem } = mergeSlices(this.#slices.values(), { portName, addressType: settings.addressType })
    // Slices of which nothing can be used say nothing of what there is.
    if (problem === undefined || endpoints.length > 0) teller.update(new Map([[wanted.service, endpoints]]))
    if (problem !== undefined && problem !== this.#problem) teller.fault(faultOf(name, problem))
    this.#problem = problem
    this.#recovered()
  }

  #recovered(): void {
    if (this.#watching && this.#problem === undefined) this.#following.teller.recovered()
  }
}
