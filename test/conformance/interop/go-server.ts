import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { type Place, type PlaceTls, startProxy } from '../place.ts'
import type { Way } from '../ways.ts'
import { findInterop } from './programs.ts'

/** Starts grpc-go's server, alone or behind our Envoy. It has no service for health checks, so Envoy makes none. */
export async function startGoServer(way: Way, tls: PlaceTls | undefined): Promise<Place> {
  await using opened = new AsyncDisposableStack()
  const direct = way.proxy === 'none'
  const server = opened.use(await startServer(direct ? tls : undefined))
  const withoutChecks = [{ in: 'cluster', at: 'health_checks', to: undefined }] as const
  const endpoint = { address: '127.0.0.1', port: server.port }
  const port = direct ? server.port : opened.use(await startProxy(endpoint, tls, withoutChecks)).port
  const parts = opened.move()
  return { port, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

async function startServer(tls: PlaceTls | undefined): Promise<Place> {
  const files = tls
    ? ['-use_tls', '-tls_cert_file', join(tls.folder, 'tls.crt'), '-tls_key_file', join(tls.folder, 'tls.key')]
    : []
  const child = spawn(findInterop('server'), ['-port', '0', ...files], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // At this level it says its port.
    env: { ...process.env, GRPC_GO_LOG_SEVERITY_LEVEL: 'info' },
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  const port = await new Promise<number>((resolve, reject) => {
    void exited.then(() => reject(new Error('the server of grpc-go ended before it said its port')))
    createInterface({ input: child.stderr }).on('line', (line) => {
      const said = /listening on .*:(\d+)$/.exec(line)?.[1]
      if (said !== undefined) resolve(Number(said))
    })
  })
  return { port, [Symbol.asyncDispose]: stop }
}
