import { checkPrime } from '../../service/primes/number-theory/is-prime.ts'

// Started as a process of its own: checks one prime again and again for some seconds and prints checks per second.
const [, , number = '0', seconds = '1'] = process.argv
const prime = BigInt(number)
checkPrime(prime)
const startMs = performance.now()
const endMs = startMs + Number(seconds) * 1000
let checks = 0
for (; performance.now() < endMs; checks += 1) checkPrime(prime)
console.log((checks * 1000) / (performance.now() - startMs))
