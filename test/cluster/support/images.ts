import process from 'node:process'

/** Our images, as the proofs run them. */
export const ownImages = ['primes', 'control-plane', 'envoy', 'cli'] as const

/** One of them, or a server that knows nothing of ours. */
export type ClusterImage = (typeof ownImages)[number] | 'foreign-go'

/** Where they are: `CLUSTER_IMAGES/NAME:CLUSTER_IMAGES_TAG`, by default what `npm run test:cluster` makes and loads. */
const repositoryOf = (name: ClusterImage): string => `${process.env['CLUSTER_IMAGES'] ?? 'evenkeel'}/${name}`
const tag = (): string => process.env['CLUSTER_IMAGES_TAG'] ?? 'cluster'

/** The name of an image. */
export const clusterImage = (name: ClusterImage): string => `${repositoryOf(name)}:${tag()}`

/** The same as a value of the chart. */
export const imageValue = (name: ClusterImage): object => ({
  repository: repositoryOf(name),
  tag: tag(),
  pullPolicy: 'IfNotPresent',
})
