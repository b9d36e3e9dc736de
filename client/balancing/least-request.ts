import { type ChannelOptions, connectivityState, experimental } from '@grpc/grpc-js'
import { EndpointLoads, type Selection } from './endpoint-loads.ts'
import { LeastRequestConfig, leastRequestName } from './least-request-config.ts'
import { LeastRequestPicker, type Member } from './least-request-picker.ts'

/**
 * A load balancer of grpc-js that keeps a connection to every endpoint and sends each call to the one with the fewest calls
 * open, as LEAST_REQUEST of Envoy does (gRFC A48, https://github.com/grpc/proposal/blob/master/A48-xds-least-request-lb-policy.md).
 * Connections are kept as by round_robin: one that drops is opened again, and names are resolved anew.
 */
export class LeastRequestBalancer implements experimental.LoadBalancer {
  readonly #channel: experimental.ChannelControlHelper
  readonly #leafChannel: experimental.ChannelControlHelper
  readonly #loads = new EndpointLoads({ random: Math.random, nowMs: () => performance.now() })
  readonly #members = new Map<string, Member>()
  #selection: Selection = 'full_scan'
  #state = connectivityState.IDLE
  #lastError = ''
  /** While several connections change at once: what comes of it is reported at the end. */
  #changing = false

  constructor(channel: experimental.ChannelControlHelper) {
    this.#channel = channel
    this.#leafChannel = experimental.createChildChannelControlHelper(channel, {
      updateState: (state, _picker, error) => this.#leafChanged(state, error),
      requestReresolution: () => this.#resolveAgain(),
    })
  }

  /** Takes the endpoints that there are now. Those that stay keep their connection and count; calls on those that go are finished. */
  updateAddressList(
    ...[endpoints, config, options, note]: Parameters<experimental.LoadBalancer['updateAddressList']>
  ): boolean {
    if (!(config instanceof LeastRequestConfig)) return false
    this.#selection = config.selection
    if (!endpoints.ok) {
      if (this.#members.size === 0) this.#fail(endpoints.error.details)
      return true
    }
    const wanted = new Map(endpoints.value.map((endpoint) => [addressOf(endpoint), endpoint]))
    this.#change(() => {
      for (const [address, endpoint] of wanted) this.#connect(address, endpoint, { options, note })
      this.#disconnect((address) => !wanted.has(address))
    })
    this.#loads.forgetAllBut(new Set(wanted.keys()))
    if (wanted.size === 0) this.#fail(`No addresses resolved. ${note}`)
    return wanted.size > 0
  }

  // It is idle only before it has addresses.
  exitIdle(): void {}

  // Connections back off by themselves.
  resetBackoff(): void {}

  destroy(): void {
    this.#disconnect(() => true)
  }

  getTypeName(): string {
    return leastRequestName
  }

  #connect(address: string, endpoint: experimental.Endpoint, how: { options: ChannelOptions; note: string }): void {
    const known = this.#members.get(address)
    if (known) return known.leaf.updateEndpoint(endpoint, how.options)
    const leaf = new experimental.LeafLoadBalancer(endpoint, this.#leafChannel, how.options, how.note)
    this.#members.set(address, { leaf, load: this.#loads.of(address) })
    leaf.startConnecting()
  }

  #disconnect(isGone: (address: string) => boolean): void {
    for (const [address, { leaf }] of this.#members) {
      if (!isGone(address)) continue
      this.#members.delete(address)
      leaf.destroy()
    }
  }

  #leafChanged(state: connectivityState, error: string | null): void {
    this.#lastError = error ?? this.#lastError
    if (this.#state === connectivityState.READY && state !== connectivityState.READY) this.#resolveAgain()
    if (!this.#changing) this.#change(() => {})
  }

  /** Not for what new addresses bring about: an address where nobody listens would be looked up without end. */
  #resolveAgain(): void {
    if (!this.#changing) this.#channel.requestReresolution()
  }

  /** Changes connections, opens again those that were dropped, and reports what came of it. */
  #change(work: () => void): void {
    this.#changing = true
    work()
    for (const { leaf } of this.#in(connectivityState.IDLE)) leaf.exitIdle()
    this.#changing = false
    this.#report()
  }

  #in(state: connectivityState): Member[] {
    return [...this.#members.values()].filter(({ leaf }) => leaf.getConnectivityState() === state)
  }

  #report(): void {
    const [first, ...others] = this.#in(connectivityState.READY)
    if (first) {
      const options = { ready: [first, ...others] as const, loads: this.#loads, selection: this.#selection }
      this.#update(connectivityState.READY, new LeastRequestPicker(options))
    } else if (this.#members.size > this.#in(connectivityState.TRANSIENT_FAILURE).length) {
      this.#update(connectivityState.CONNECTING, new experimental.QueuePicker(this))
    } else if (this.#members.size > 0) {
      this.#fail(this.#lastError)
    }
  }

  #fail(details: string): void {
    this.#update(connectivityState.TRANSIENT_FAILURE, new experimental.UnavailablePicker({ details }), details)
  }

  #update(state: connectivityState, picker: experimental.Picker, error: string | null = null): void {
    this.#state = state
    this.#channel.updateState(state, picker, error)
  }
}

/** An endpoint by its addresses, in whatever order they come. */
function addressOf({ addresses }: experimental.Endpoint): string {
  return addresses.map(experimental.subchannelAddressToString).toSorted().join(' ')
}
