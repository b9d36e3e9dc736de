import type { StatusObject } from '@grpc/grpc-js'
import type { ListPrimesResponse, PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'

/** A list that has ended. */
export interface List {
  status: StatusObject
  primes: bigint[]
  /** Primes in each message. */
  messageLengths: number[]
}

/** Reads the primes of an interval to the end of the call, whatever it is. */
export function readList(client: PrimesServiceClient, from: bigint, to: bigint): Promise<List> {
  const primes: bigint[] = []
  const messageLengths: number[] = []
  const call = client.listPrimes({ from, to })
  call.on('error', () => {})
  call.on('data', (message: ListPrimesResponse) => {
    for (const prime of message.primes) primes.push(prime)
    messageLengths.push(message.primes.length)
  })
  return new Promise((resolve) => call.on('status', (status) => resolve({ status, primes, messageLengths })))
}
