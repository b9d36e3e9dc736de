import { defineWorkload, moduleBeside } from '../../chassis/workload.ts'
import { PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { checkPrime } from './check-prime.ts'
import { checkPrimeStream } from './check-prime-stream.ts'
import { factorize } from './factorize.ts'
import { listPrimes } from './list-primes.ts'

/** Exact number theory: is it prime, factor it, list primes. */
export const primes = defineWorkload({
  name: 'primes',
  service: PrimesServiceService,
  handlers: { checkPrime, factorize, listPrimes, checkPrimeStream },
  tasks: moduleBeside('tasks', import.meta.url),
  idempotent: true,
  descriptors: new URL('../../gen/descriptors/primes.binpb', import.meta.url),
})
