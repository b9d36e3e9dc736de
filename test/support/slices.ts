import type { Slice, SliceEndpoint } from '../../control-plane/sources/kubernetes/slice.ts'

/** A slice as the API server sends it, of the Service `evenkeel` and one port. */
export function sliceOf(name: string, endpoints: SliceEndpoint[], changes: Partial<Slice> = {}): Slice {
  return {
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port: 50051, protocol: 'TCP' }],
    ...changes,
    metadata: { name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', ...changes.metadata },
    endpoints,
  }
}

/** An endpoint that is ready. */
export function readyAt(address: string, changes: Partial<SliceEndpoint> = {}): SliceEndpoint {
  return { addresses: [address], conditions: { ready: true, serving: true, terminating: false }, ...changes }
}

/** An endpoint of a pod that was deleted and still answers. */
export function terminatingAt(address: string): SliceEndpoint {
  return { addresses: [address], conditions: { ready: false, serving: true, terminating: true } }
}

/** An endpoint of a pod that starts, or has crashed. */
export function unreadyAt(address: string): SliceEndpoint {
  return { addresses: [address], conditions: { ready: false, serving: false, terminating: false } }
}
