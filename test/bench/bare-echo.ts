import { Server, ServerCredentials } from '@grpc/grpc-js'
import { type PrimesServiceServer, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'

// Started as a process of its own: answers CheckPrime with the number it was sent, as grpc-js does by itself, and prints its port.
const checkPrime: PrimesServiceServer['checkPrime'] = ({ request }, respond) =>
  respond(null, { prime: true, certainty: 1, divisor: request.number })
const server = new Server()
server.addService({ checkPrime: PrimesServiceService.checkPrime }, { checkPrime })
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(port)
})
// The parent holds the other end: without it this process ends.
process.once('disconnect', () => process.exit(0))
