import { imageValue } from './images.ts'

/** The images of all but the service. */
export const imageValues = () => ({
  envoy: { image: imageValue('envoy') },
  controlPlane: { image: imageValue('control-plane') },
  cli: { image: imageValue('cli') },
})

/** The values of the chart in the proofs: callers without a proxy are there beside those of Envoy. */
export const baseValues = ({ replicas = 3 } = {}) => ({
  ...imageValues(),
  service: { image: imageValue('primes'), replicas },
  // The machine of the proofs has few cores.
  envoy: { image: imageValue('envoy'), concurrency: 1 },
  proxyless: { enabled: true },
})
