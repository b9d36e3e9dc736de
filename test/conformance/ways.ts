/** How calls reach a server: straight or through our Envoy, with TLS on the caller's connection or without. */
export interface Way {
  name: string
  proxy: 'none' | 'envoy'
  tls: boolean
}

/** All four. */
export const ways: readonly Way[] = [
  { name: 'direct', proxy: 'none', tls: false },
  { name: 'direct by TLS', proxy: 'none', tls: true },
  { name: 'through Envoy', proxy: 'envoy', tls: false },
  { name: 'through Envoy by TLS', proxy: 'envoy', tls: true },
]
