import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'

/** Who speaks. */
export interface ResourceFacts {
  pod: string
  process: string
  workload: string
}

/**
 * The resource of all metrics and spans. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES of the environment win over our own
 * attributes; processes of one pod differ by `evenkeel.process`.
 */
export function createResource({ pod, process, workload }: ResourceFacts): Resource {
  const ours = resourceFromAttributes({
    'service.name': 'evenkeel',
    'service.instance.id': pod,
    'evenkeel.process': process,
    'evenkeel.workload': workload,
  })
  return defaultResource()
    .merge(ours)
    .merge(detectResources({ detectors: [envDetector] }))
}
