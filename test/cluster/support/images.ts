import process from 'node:process'

/** The images that the proofs run. */
export const imageNames = ['primes', 'control-plane', 'envoy', 'cli'] as const

/** One of them. */
export type ClusterImage = (typeof imageNames)[number]

/** Where they are: `EVENKEEL_IMAGES/NAME:EVENKEEL_IMAGES_TAG`, by default what `npm run test:cluster` makes and loads. */
const repositoryOf = (name: ClusterImage): string => `${process.env['EVENKEEL_IMAGES'] ?? 'evenkeel'}/${name}`
const tag = (): string => process.env['EVENKEEL_IMAGES_TAG'] ?? 'cluster'

/** The name of an image. */
export const clusterImage = (name: ClusterImage): string => `${repositoryOf(name)}:${tag()}`

/** The same as a value of the chart. */
export const imageValue = (name: ClusterImage): object => ({
  repository: repositoryOf(name),
  tag: tag(),
  pullPolicy: 'IfNotPresent',
})
