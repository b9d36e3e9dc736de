import type { Attributes, Meter } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { type DataPoint, type Histogram, MeterProvider } from '@opentelemetry/sdk-metrics'

/** One metric as it would be exported. */
export interface CollectedMetric {
  name: string
  unit: string
  description: string
  points: { attributes: Attributes; value: number | Histogram }[]
}

/** The real SDK with a reader that is asked by hand. */
export interface MetricCollector extends AsyncDisposable {
  meter: Meter
  collect(): Promise<CollectedMetric[]>
  /** The points of the metric `name` now; none when nothing was recorded. */
  points(name: string): Promise<CollectedMetric['points']>
}

/** Starts an SDK that exports nothing by itself. */
export function collectMetrics(): MetricCollector {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({ readers: [reader] })
  const collect = async () => {
    const { resourceMetrics } = await reader.collect()
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ descriptor, dataPoints }) => ({
        name: descriptor.name,
        unit: descriptor.unit,
        description: descriptor.description,
        points: dataPoints.map(({ attributes, value }: DataPoint<unknown>) => ({
          attributes,
          value: plainValue(value),
        })),
      })),
    )
  }
  return {
    meter: provider.getMeter('test'),
    collect,
    points: async (name) => (await collect()).find((metric) => metric.name === name)?.points ?? [],
    [Symbol.asyncDispose]: () => provider.shutdown(),
  }
}

function plainValue(value: unknown): number | Histogram {
  if (typeof value === 'number' || isHistogram(value)) return value
  throw new TypeError('neither a number nor a histogram')
}

function isHistogram(value: unknown): value is Histogram {
  return typeof value === 'object' && value !== null && 'buckets' in value
}
