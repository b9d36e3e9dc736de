import { type CallCredentials, Metadata } from '@grpc/grpc-js'

const nothing = Promise.resolve(new Metadata())

/**
 * Counts how often grpc-js sends one call: it asks the credentials of a call for metadata at each attempt, and says nowhere
 * else that it retried transparently. Adds no metadata.
 */
export class AttemptCounter implements CallCredentials {
  attempts = 0

  generateMetadata(): Promise<Metadata> {
    this.attempts += 1
    return nothing
  }

  // The other ones are those of a plaintext channel, which are empty.
  compose(): CallCredentials {
    return this
  }

  _equals(other: CallCredentials): boolean {
    return this === other
  }
}
