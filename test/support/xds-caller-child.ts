import process from 'node:process'
import { register } from '@grpc/grpc-js-xds'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { callUnary } from './call.ts'
import { holdClient } from './hold.ts'
import type { CallerReport } from './xds-caller.ts'

// The process of `startXdsCaller`: finds replicas by xDS, as its bootstrap says, and calls them without end.
register()
const [, , target = '', concurrency = '1'] = process.argv
const client = holdClient(target)
const report: CallerReport = { callsByPod: {}, failures: [] }

async function callAgainAndAgain(): Promise<never> {
  for (;;) {
    const request = { milliseconds: 2, compute: false }
    const { code, details, trailers } = await callUnary(client, HoldServiceService.hold, { request })
    if (code !== 0) report.failures.push(`${code}: ${details}`)
    const pod = String(trailers.get('evenkeel-pod')[0])
    report.callsByPod[pod] = (report.callsByPod[pod] ?? 0) + 1
  }
}

process.on('message', () => process.send?.(report))
process.on('disconnect', () => process.exit())
for (let at = 0; at < Number(concurrency); at += 1) void callAgainAndAgain()
