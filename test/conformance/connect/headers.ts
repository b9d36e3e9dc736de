import { Metadata } from '@grpc/grpc-js'
import type { Header } from '../../../gen/connectrpc/conformance/v1/service.ts'

/** Adds headers as a request describes them; binary values are in base64. */
export function addHeaders(metadata: Metadata, headers: readonly Header[]): Metadata {
  for (const { name, value: values } of headers) {
    const binary = name.toLowerCase().endsWith('-bin')
    for (const value of values) metadata.add(name, binary ? Buffer.from(value, 'base64') : value)
  }
  return metadata
}

/** Metadata as the suite wants to hear of it. */
export function headersOf(metadata: Metadata): Header[] {
  return Object.keys(metadata.getMap()).map((name) => ({
    name,
    value: metadata.get(name).map((value) => (typeof value === 'string' ? value : value.toString('base64'))),
  }))
}
