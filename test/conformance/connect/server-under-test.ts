import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { buffer } from 'node:stream/consumers'
import { listenForStop } from '../../../chassis/stop.ts'
import { temporaryFolder } from '../../../deploy/local/temporary-folder.ts'
import { ServerCompatRequest, ServerCompatResponse } from '../../../gen/connectrpc/conformance/v1/server_compat.ts'
import { type PlaceTls, startPlace } from '../place.ts'
import { defaultDeadlineMs } from './request-info.ts'
import { warmUp } from './warm-up.ts'
import { connectConformance } from './workload.ts'

/** Before a message goes its length. */
const lengthBytes = 4

// What the runner of the suite starts: reads from stdin how to serve, says on stdout where, and serves until it is told to stop.
const stop = listenForStop(process)
await using folder = await temporaryFolder('conformance')
const asked = ServerCompatRequest.decode((await buffer(process.stdin)).subarray(lengthBytes))
const tls = await writeTls(asked, folder.path)
const proxy = process.argv.includes('--envoy') ? 'envoy' : 'none'
await using place = await startPlace(connectConformance, { proxy, tls, warmUp }, [
  `--max-message-bytes=${asked.messageReceiveLimit}`,
  `--default-deadline-ms=${defaultDeadlineMs}`,
])
const pemCert = asked.useTls ? asked.serverCreds?.cert : undefined
const answer = ServerCompatResponse.encode({ host: '127.0.0.1', port: place.port, pemCert: pemCert ?? Buffer.alloc(0) })
process.stdout.write(delimited(Buffer.from(answer.finish())))
if (!stop.asked.aborted) await once(stop.asked, 'abort')

function delimited(message: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(message.byteLength)
  return Buffer.concat([length, message])
}

async function writeTls(request: ServerCompatRequest, parent: string): Promise<PlaceTls | undefined> {
  if (!request.useTls || !request.serverCreds) return undefined
  const path = join(parent, 'tls')
  await mkdir(path)
  await writeFile(join(path, 'tls.crt'), request.serverCreds.cert)
  await writeFile(join(path, 'tls.key'), request.serverCreds.key)
  const asksCallers = request.clientTlsCert.byteLength > 0
  if (asksCallers) await writeFile(join(path, 'ca.crt'), request.clientTlsCert)
  return { folder: path, asksCallers }
}
