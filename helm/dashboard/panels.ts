/** One picture of the dashboard: what it shows, in which unit of Grafana, and what it asks Prometheus. */
export interface Panel {
  title: string
  /** What it means, and what to look for. */
  about: string
  unit: 'short' | 's' | 'reqps' | 'percentunit' | 'bytes'
  /** PromQL by legend; `{{label}}` becomes the label's value. */
  queries: Readonly<Record<string, string>>
}

/** Panels under one heading. */
export interface Row {
  title: string
  panels: readonly Panel[]
}

// The chart replaces both words by the names of a release.
const target = (suffix: string): string => `namespace="NAMESPACE",service="RELEASE${suffix}"`
const pods = target('')
const envoys = target('-envoy-pods')
const replicas = `${envoys},envoy_cluster_name="replicas"`
const callers = `${envoys},envoy_http_conn_manager_prefix="grpc"`
const plane = target('-control-plane')
/** Health checks and reflection left out. */
const calls = `${pods},grpc_method!~"grpc[.].+"`
const every = '[$__rate_interval]'

const quantiles = (metric: string, selector: string): Record<string, string> =>
  Object.fromEntries(
    [0.5, 0.9, 0.99].map((quantile) => [
      `p${quantile * 100}`,
      `histogram_quantile(${quantile}, sum by (le) (rate(${metric}_bucket{${selector}}${every})))`,
    ]),
  )

const busyPerPod = `sum by (pod) (rate(evenkeel_compute_time_sum{${pods}}${every}))`

/** What pods on the chassis say of themselves. */
const service: Row = {
  title: 'Service',
  panels: [
    {
      title: 'Calls by status',
      about: 'Calls that ended, by gRPC status. RESOURCE_EXHAUSTED are refusals.',
      unit: 'reqps',
      queries: {
        '{{grpc_status}}': `sum by (grpc_status) (rate(grpc_server_call_duration_count{${calls}}${every}))`,
      },
    },
    {
      title: 'Time of a call',
      about: 'From the headers of a call to the end of its answer, within the pod.',
      unit: 's',
      queries: quantiles('grpc_server_call_duration', calls),
    },
    {
      title: 'Wait for a worker',
      about: 'Grows before anything else does when there are too few pods, or calls are not spread.',
      unit: 's',
      queries: quantiles('evenkeel_queue_wait', pods),
    },
    {
      title: 'Busy workers by pod',
      about: 'Share of the time that the workers of a pod compute. The lines lie together while calls are spread.',
      unit: 'percentunit',
      queries: { '{{pod}}': `${busyPerPod} / sum by (pod) (evenkeel_workers{${pods}})` },
    },
    {
      title: 'Busiest pod over the mean',
      about: 'By time computed. 1 is perfect; above 1.25 for long some pods are idle beside busy ones.',
      unit: 'short',
      queries: { 'max / mean': `max(${busyPerPod}) / avg(${busyPerPod})` },
    },
    {
      title: 'Tasks that wait',
      about: 'In the queues of all pods, and calls in flight.',
      unit: 'short',
      queries: {
        waiting: `sum(evenkeel_queue_waiting{${pods}})`,
        'in flight': `sum(evenkeel_calls_in_flight{${pods}})`,
      },
    },
    {
      title: 'Refused calls by error',
      about: 'full: queue and workers are taken. draining: the pod is leaving; another one goes on.',
      unit: 'reqps',
      queries: {
        '{{evenkeel_error}}': `sum by (evenkeel_error) (rate(evenkeel_calls_refused_total{${pods}}${every}))`,
      },
    },
    {
      title: 'How late the gRPC thread is',
      about: '99th percentile by pod. Above 0.1 s it waits for a core: more workers than CPU, or work on its thread.',
      unit: 's',
      queries: { '{{pod}}': `max by (pod) (nodejs_eventloop_delay_p99{${pods}})` },
    },
    {
      title: 'Memory by pod',
      about: 'Resident memory of the process, all threads.',
      unit: 'bytes',
      queries: { '{{pod}}': `max by (pod) (process_memory_usage{${pods}})` },
    },
    {
      title: 'Cores in use by pod',
      about: 'Processor time of the process, all threads.',
      unit: 'short',
      queries: { '{{pod}}': `sum by (pod) (rate(process_cpu_time_total{${pods}}${every}))` },
    },
  ],
}

/** What Envoy sees; of images that are not on the chassis this is all there is. */
const envoy: Row = {
  title: 'Envoy',
  panels: [
    {
      title: 'Calls by replica',
      about: 'From all Envoys. The lines lie together while calls are spread.',
      unit: 'reqps',
      queries: {
        '{{envoy_endpoint_address}}': `sum by (envoy_endpoint_address) (rate(envoy_cluster_endpoint_rq_total{${replicas}}${every}))`,
      },
    },
    {
      title: 'Calls, retries, failures',
      about: 'Retries that helped cost nobody a call. Failures are answers other than OK.',
      unit: 'reqps',
      queries: {
        calls: `sum(rate(envoy_cluster_grpc_total{${replicas}}${every}))`,
        failures: `sum(rate(envoy_cluster_grpc_failure{${replicas}}${every}))`,
        retries: `sum(rate(envoy_cluster_upstream_rq_retry{${replicas}}${every}))`,
        'retries above the budget': `sum(rate(envoy_cluster_upstream_rq_retry_overflow{${replicas}}${every}))`,
      },
    },
    {
      title: 'Healthy replicas',
      about: 'As the Envoy sees it that knows fewest, of those it was told; and replicas that are ejected now.',
      unit: 'short',
      queries: {
        healthy: `min(envoy_cluster_membership_healthy{${replicas}})`,
        told: `max(envoy_cluster_membership_total{${replicas}})`,
        ejected: `max(envoy_cluster_outlier_detection_ejections_active{${replicas}})`,
      },
    },
    {
      title: 'Calls that each Envoy still lets through at once',
      about: 'At 0 it answers UNAVAILABLE.',
      unit: 'short',
      queries: {
        '{{pod}}': `min by (pod) (envoy_cluster_circuit_breakers_default_remaining_rq{${replicas}})`,
      },
    },
    {
      title: 'Connections of callers by Envoy',
      about: 'A connection stays with one Envoy for as long as envoy.maxConnectionDurationSeconds.',
      unit: 'short',
      queries: { '{{pod}}': `sum by (pod) (envoy_http_downstream_cx_active{${callers}})` },
    },
  ],
}

/** What the control plane says of itself. */
const controlPlane: Row = {
  title: 'Control plane',
  panels: [
    {
      title: 'Endpoints',
      about: 'As EndpointSlices have them.',
      unit: 'short',
      queries: {
        '{{evenkeel_endpoint_state}}': `max by (evenkeel_endpoint_state) (evenkeel_xds_endpoints{${plane}})`,
      },
    },
    {
      title: 'Subscribers',
      about: 'Envoys and callers without Envoy, and those that have not taken the newest state.',
      unit: 'short',
      queries: {
        '{{evenkeel_xds_protocol}}': `sum by (evenkeel_xds_protocol) (evenkeel_xds_subscribers{${plane}})`,
        'behind in {{evenkeel_xds_type}}': `sum by (evenkeel_xds_type) (evenkeel_xds_subscribers_behind{${plane}})`,
      },
    },
    {
      title: 'Time of a push',
      about: 'From a change becoming known to a subscriber having taken it.',
      unit: 's',
      queries: quantiles('evenkeel_xds_push_time', plane),
    },
    {
      title: 'Faults',
      about: 'Times that EndpointSlices could not be read, and states that a subscriber refused.',
      unit: 'reqps',
      queries: {
        source: `sum(rate(evenkeel_source_faults_total{${plane}}${every}))`,
        'refused {{evenkeel_xds_type}}': `sum by (evenkeel_xds_type) (rate(evenkeel_xds_rejected_total{${plane}}${every}))`,
      },
    },
  ],
}

/** The whole dashboard, from the calls to those who spread them. */
export const rows: readonly Row[] = [service, envoy, controlPlane]
