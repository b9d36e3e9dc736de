import type { Tracer } from '@opentelemetry/api'
import type { ResourceFacts } from './resource.ts'

/** Spans that are exported. Disposing exports what is left; it takes as long as the collector does. */
export interface TracesExport extends AsyncDisposable {
  tracer: Tracer
}

/**
 * Starts sdk-node for spans: exporter, batches, sampler (parent-based) and propagators as the OTEL_* variables say. It sets the
 * process-wide context manager, propagator and tracer of @opentelemetry/api, which handlers may then use.
 */
export async function startTracesExport(facts: ResourceFacts): Promise<TracesExport> {
  const [{ context, propagation, trace }, { NodeSDK }, { createResource }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
    import('./resource.ts'),
  ])
  // Empty lists, because what is left out is exported to localhost.
  const sdk = new NodeSDK({
    resource: createResource(facts),
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  return {
    tracer: trace.getTracer('evenkeel'),
    [Symbol.asyncDispose]: async () => {
      await sdk.shutdown()
      for (const api of [trace, context, propagation]) api.disable()
    },
  }
}
