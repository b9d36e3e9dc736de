/** Series of Prometheus, a value a minute in promtool's notation; `a+bxn` grows by b in each of n minutes. */
export type Series = Readonly<Record<string, string>>

const minutes = 100
const stays = (value: number): string => `${value}x${minutes}`
const grows = (perMinute: number): string => `0+${perMinute}x${minutes}`
/** A counter that is not there before its first event, which is 3 minutes before the alerts are looked at. */
const appears = (value: number): string => `_x86 ${value}x14`

/** Two pods, an Envoy and a control plane that are well: pods compute half of the time. */
export const allWell: Series = {
  'up{service="evenkeel-envoy-pods",pod="envoy"}': stays(1),
  'up{service="evenkeel-control-plane",pod="plane"}': stays(1),
  'grpc_server_call_started_total{pod="a",grpc_method="p.S/M"}': grows(600),
  'evenkeel_calls_refused_total{pod="a",evenkeel_error="full"}': stays(0),
  'evenkeel_queue_wait_bucket{pod="a",le="0.01"}': grows(600),
  'evenkeel_queue_wait_bucket{pod="a",le="0.5"}': grows(600),
  'evenkeel_queue_wait_bucket{pod="a",le="+Inf"}': grows(600),
  'evenkeel_workers{pod="a"}': stays(1),
  'evenkeel_workers{pod="b"}': stays(1),
  'evenkeel_compute_time_sum{pod="a"}': grows(30),
  'evenkeel_compute_time_sum{pod="b"}': grows(30),
  'evenkeel_workers_busy{pod="a"}': stays(0.5),
  'evenkeel_workers_busy{pod="b"}': stays(0.5),
  'evenkeel_workers_replaced_total{pod="a",evenkeel_reason="died"}': stays(5),
  'evenkeel_workers_replaced_total{pod="a",evenkeel_reason="stopped"}': grows(60),
  'evenkeel_connections_refused_total{pod="a",evenkeel_reason="limit"}': stays(5),
  'evenkeel_connections_refused_total{pod="a",evenkeel_reason="handshake"}': stays(5),
  'evenkeel_connections_refused_total{pod="b",evenkeel_reason="protocol"}': appears(10),
  'nodejs_eventloop_delay_p99{pod="a"}': stays(0.02),
  'envoy_cluster_membership_healthy{pod="envoy"}': stays(2),
  'envoy_cluster_outlier_detection_ejections_enforced_total{pod="envoy"}': stays(0),
  'envoy_cluster_upstream_rq_retry_overflow{pod="envoy"}': stays(0),
  'envoy_cluster_circuit_breakers_default_remaining_rq{pod="envoy"}': stays(9990),
  'envoy_cluster_upstream_rq_pending_overflow{pod="envoy"}': stays(0),
  'envoy_cluster_upstream_rq_active_overflow{pod="envoy"}': stays(0),
  'envoy_cluster_endpoint_rq_total{pod="envoy",envoy_endpoint_address="10.0.0.1:50051"}': grows(600),
  'envoy_cluster_endpoint_rq_total{pod="envoy",envoy_endpoint_address="10.0.0.2:50051"}': grows(600),
  'envoy_listener_downstream_global_cx_overflow{pod="envoy"}': stays(0),
  'envoy_server_days_until_first_cert_expiring{pod="envoy"}': stays(90),
  'evenkeel_source_failing{pod="plane"}': stays(0),
  'evenkeel_xds_subscribers_behind{pod="plane",evenkeel_xds_type="endpoints"}': stays(0),
  'evenkeel_xds_rejected_total{pod="plane",evenkeel_xds_type="endpoints"}': stays(5),
}

/** What differs from `allWell` when something is wrong, by the one alert that says so. */
export const situations: Record<string, Series> = {
  EvenkeelRefusesCalls: { 'evenkeel_calls_refused_total{pod="a",evenkeel_error="full"}': grows(12) },
  EvenkeelCallsWait: {
    'evenkeel_queue_wait_bucket{pod="a",le="0.01"}': grows(540),
    'evenkeel_queue_wait_bucket{pod="a",le="0.5"}': grows(600),
  },
  EvenkeelWorkersBusy: {
    'evenkeel_workers_busy{pod="a"}': stays(0.95),
    'evenkeel_workers_busy{pod="b"}': stays(0.95),
  },
  EvenkeelBalanceLost: {
    'evenkeel_compute_time_sum{pod="a"}': grows(48),
    'evenkeel_compute_time_sum{pod="b"}': grows(12),
  },
  EvenkeelWorkersReplaced: { 'evenkeel_workers_replaced_total{pod="a",evenkeel_reason="died"}': appears(3) },
  EvenkeelThreadLate: { 'nodejs_eventloop_delay_p99{pod="a"}': stays(0.4) },
  EvenkeelConnectionsRefused: { 'evenkeel_connections_refused_total{pod="a",evenkeel_reason="limit"}': appears(1) },
  EvenkeelCallersBreakRules: { 'evenkeel_connections_refused_total{pod="a",evenkeel_reason="protocol"}': appears(11) },
  EvenkeelCallersNotTrusted: {
    'evenkeel_connections_refused_total{pod="a",evenkeel_reason="handshake"}': '5x86 6x14',
    'evenkeel_connections_refused_total{pod="a",evenkeel_reason="name"}': appears(1),
  },
  EvenkeelEnvoyDown: { 'up{service="evenkeel-envoy-pods",pod="envoy"}': stays(0) },
  EvenkeelNoHealthyReplica: { 'envoy_cluster_membership_healthy{pod="envoy"}': stays(0) },
  EvenkeelPodsEjected: { 'envoy_cluster_outlier_detection_ejections_enforced_total{pod="envoy"}': grows(2) },
  EvenkeelRetryBudgetSpent: { 'envoy_cluster_upstream_rq_retry_overflow{pod="envoy"}': grows(1) },
  EvenkeelEnvoyNearlyFull: { 'envoy_cluster_circuit_breakers_default_remaining_rq{pod="envoy"}': stays(500) },
  EvenkeelEnvoyOverflows: { 'envoy_cluster_upstream_rq_pending_overflow{pod="envoy"}': grows(1) },
  EvenkeelCallersTurnedAway: { 'envoy_listener_downstream_global_cx_overflow{pod="envoy"}': grows(1) },
  EvenkeelCertificateExpires: { 'envoy_server_days_until_first_cert_expiring{pod="envoy"}': stays(3) },
  EvenkeelControlPlaneDown: { 'up{service="evenkeel-control-plane",pod="plane"}': stays(0) },
  EvenkeelSourceFails: { 'evenkeel_source_failing{pod="plane"}': stays(1) },
  EvenkeelSubscribersBehind: {
    'evenkeel_xds_subscribers_behind{pod="plane",evenkeel_xds_type="endpoints"}': stays(1),
  },
  EvenkeelStateRefused: { 'evenkeel_xds_rejected_total{pod="plane",evenkeel_xds_type="endpoints"}': appears(1) },
}

/** The same of images without a chassis: only Envoy can tell. */
export const situationsOfForeignImages: Record<string, Series> = {
  EvenkeelBalanceLost: {
    'envoy_cluster_endpoint_rq_total{pod="envoy",envoy_endpoint_address="10.0.0.1:50051"}': grows(900),
    'envoy_cluster_endpoint_rq_total{pod="envoy",envoy_endpoint_address="10.0.0.2:50051"}': grows(300),
  },
}
