import { createInterface } from 'node:readline'
import { readControlPlaneConfig } from '../../control-plane/config.ts'
import { serveControlPlane } from '../../control-plane/serve.ts'
import type { Endpoint, Services, SourceListener } from '../../control-plane/sources/source.ts'
import { type Command, markerOf, serviceName } from './feed.ts'

// Started as a process of its own: a control plane whose source is commands on stdin, a JSON line each. Prints its port.
let services: Services = new Map()
let listener: SourceListener | undefined
const source = {
  name: 'bench',
  follow: (follower: SourceListener, signal: AbortSignal): Promise<void> => {
    listener = follower
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  },
}
const config = readControlPlaneConfig({
  argv: ['--port=0', '--health-port=0', '--metrics-port=0', '--log-level=warn'],
  env: {},
})
const { ports } = await serveControlPlane({ config, source, env: {} })
console.log(ports.ads)

createInterface({ input: process.stdin })
  .on('line', (line) => {
    services = after(JSON.parse(line) as Command)
    listener?.update(services)
  })
  // The parent holds the other end: without it this process ends.
  .once('close', () => process.exit(0))

function after(command: Command): Services {
  if ('services' in command) {
    const each = Array.from({ length: command.services }, (_, service) => service)
    return new Map(each.map((service) => [serviceName(service), endpointsOf(service, command.endpoints)]))
  }
  const name = serviceName(command.service)
  const endpoints = services.get(name) as readonly Endpoint[]
  return new Map(services).set(name, endpoints.with(0, ready(markerOf(command))))
}

function endpointsOf(service: number, count: number): Endpoint[] {
  const others = Array.from({ length: count - 1 }, (_, index) => index + 1)
  const addresses = others.map((index) => `10.${service}.${Math.floor(index / 256)}.${index % 256}`)
  return [markerOf({ service, change: 0 }), ...addresses].map(ready)
}

function ready(address: string): Endpoint {
  return { address, port: 50_051, state: 'ready' }
}
