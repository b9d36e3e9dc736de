/**
 * What is known of one endpoint.
 *
 * - `ready`: takes new calls.
 * - `terminating`: leaves, but still answers. Takes new calls only while its service has nothing ready.
 * - `unready`: it starts, or somebody says that it cannot serve. Takes new calls only while there is nothing else.
 */
export type EndpointState = 'ready' | 'terminating' | 'unready'

/** One replica as a source knows it. */
export interface Endpoint {
  /** IPv4 or IPv6 address, without brackets. */
  address: string
  port: number
  state: EndpointState
  /** Where it runs, where the source knows it (`topology.kubernetes.io/zone`). */
  zone?: string | undefined
}

/**
 * All services of a source and their endpoints. An array that did not change since the last update is the same object; arrays
 * are not changed once they were told.
 */
export type Services = ReadonlyMap<string, readonly Endpoint[]>

/** Who hears of a source. No method throws. */
export interface SourceListener {
  /**
   * The whole truth of the source, told at once when something changed. A service that is missing does not exist; one with no
   * endpoints is scaled to zero: the source says so with authority, not because it failed.
   */
  update(services: Services): void
  /** The source cannot be read or is malformed; what it told last stays. Told again at each failed attempt. */
  fault(problem: Error): void
  /** The source can be read again after a fault. */
  recovered(): void
}

/** Where endpoints come from. */
export interface Source {
  /** As it was asked for, such as `dns:evenkeel:50051`; for log lines and metrics. */
  readonly name: string
  /** Tells `listener` what is true until `signal` aborts, then resolves. Never rejects: what goes wrong is a fault, and tried again. */
  follow(listener: SourceListener, signal: AbortSignal): Promise<void>
}
