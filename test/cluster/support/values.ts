import { imageValue } from './images.ts'

/** The values of the chart in the proofs: callers without a proxy are there beside those of Envoy. */
export const baseValues = ({ replicas = 3 } = {}) => ({
  service: { image: imageValue('primes'), replicas },
  // The machine of the proofs has few cores.
  envoy: { image: imageValue('envoy'), concurrency: 1 },
  controlPlane: { image: imageValue('control-plane') },
  cli: { image: imageValue('cli') },
  proxyless: { enabled: true },
})
