{{/* What Envoy sees. */}}
{{- define "evenkeel.monitoring.envoyAlerts" -}}
{{- $name := include "evenkeel.fullname" . -}}
{{- $envoys := include "evenkeel.monitoring.target" (dict "root" . "suffix" "-envoy-pods") -}}
{{- $cluster := printf "%s,envoy_cluster_name=\"replicas\"" $envoys -}}
{{- $calls := printf "sum by (envoy_endpoint_address) (rate(envoy_cluster_endpoint_rq_total{%s}[5m]))" $cluster -}}
{{- $bounds := .Values.monitoring.prometheusRule -}}
{{- $envoyCount := ternary .Values.envoy.autoscaling.maxReplicas .Values.envoy.replicas .Values.envoy.autoscaling.enabled -}}
- name: {{ $name }}-envoy
  rules:
    - alert: EvenkeelEnvoyDown
      expr: absent(up{ {{- $envoys }}} == 1)
      for: 1m
      labels: { severity: critical }
      annotations:
        summary: No Envoy of {{ $name }} is there
        description: Prometheus reads from none; callers get UNAVAILABLE unless they go without Envoy.
        runbook: kubectl describe and kubectl logs of the pods {{ $name }}-envoy. One that has never heard of an endpoint is not ready.
    - alert: EvenkeelNoHealthyReplica
      expr: min by (pod) (envoy_cluster_membership_healthy{ {{- $cluster }}}) == 0
      for: 1m
      labels: { severity: critical }
      annotations:
        summary: "Envoy {{`{{ $labels.pod }}`}} knows no healthy pod of {{ $name }}"
        description: Calls through it fail with UNAVAILABLE, or go to pods that fail their health check.
        runbook: Compare with kubectl get endpointslices. If pods are ready there, ask evenkeel control-plane status, and whether a NetworkPolicy or TLS stands between Envoy and pods.
    - alert: EvenkeelPodsEjected
      expr: sum(increase(envoy_cluster_outlier_detection_ejections_enforced_total{ {{- $cluster }}}[10m])) > {{ mul 5 $envoyCount }}
      labels: { severity: warning }
      annotations:
        summary: Envoy cannot connect to pods of {{ $name }} again and again
        description: "{{`{{ $value | humanize }}`}} ejections within 10 minutes; a pod that crashes once is one for each Envoy."
        runbook: Look for pods that restart (kubectl get pods), for lost nodes, and for addresses in EndpointSlices that nobody has.
    - alert: EvenkeelRetryBudgetSpent
      expr: sum(increase(envoy_cluster_upstream_rq_retry_overflow{ {{- $cluster }}}[5m])) > 0
      labels: { severity: warning }
      annotations:
        summary: Calls to {{ $name }} are lost that a retry would have saved
        description: "{{`{{ $value | humanize }}`}} retries within 5 minutes were above envoy.retryConcurrency = {{ include "evenkeel.envoy.retryConcurrency" . }}, or 20 % of the calls in flight."
        runbook: More pods fail at once than the budget is for. Find out why they do; raise envoy.retryConcurrency if one pod holds more calls than that.
    - alert: EvenkeelEnvoyNearlyFull
      expr: min by (pod) (envoy_cluster_circuit_breakers_default_remaining_rq{ {{- $cluster }}}) < {{ div (include "evenkeel.envoy.maxRequests" .) 10 }}
      for: 1m
      labels: { severity: warning }
      annotations:
        summary: "Envoy {{`{{ $labels.pod }}`}} is near the most calls it lets through at once"
        description: "{{`{{ $value | humanize }}`}} of envoy.maxRequests = {{ include "evenkeel.envoy.maxRequests" . }} remain. Beyond, calls end with UNAVAILABLE instead of the refusal that says when to come back."
        runbook: Add pods. If pods do not refuse although so many calls are open, calls are long; raise envoy.maxRequests.
    - alert: EvenkeelEnvoyOverflows
      expr: |-
        sum(increase(envoy_cluster_upstream_rq_pending_overflow{ {{- $cluster }}}[5m]))
          + sum(increase(envoy_cluster_upstream_rq_active_overflow{ {{- $cluster }}}[5m])) > 0
      labels: { severity: critical }
      annotations:
        summary: Envoy loses calls to {{ $name }}
        description: "{{`{{ $value | humanize }}`}} calls within 5 minutes were above envoy.maxRequests = {{ include "evenkeel.envoy.maxRequests" . }} and ended with UNAVAILABLE."
        runbook: Do what EvenkeelEnvoyNearlyFull says.
    - alert: EvenkeelCallersTurnedAway
      expr: sum by (pod) (increase(envoy_listener_downstream_global_cx_overflow{ {{- $envoys }}}[5m])) > 0
      labels: { severity: warning }
      annotations:
        summary: "Envoy {{`{{ $labels.pod }}`}} closes connections of callers"
        description: More than envoy.maxConnections = {{ int .Values.envoy.maxConnections }} are open.
        runbook: Find who opens a connection for each call; callers share one. Add Envoys, or raise envoy.maxConnections and envoy.maxHeapMib.
    {{- if not .Values.service.chassis }}
    - alert: EvenkeelBalanceLost
      expr: |-
        max({{ $calls }}) / avg({{ $calls }}) > {{ divf (add 100 $bounds.unevenPercent) 100 }}
          and avg({{ $calls }}) > 1
      for: 15m
      labels: { severity: warning }
      annotations:
        summary: Some pods of {{ $name }} get many more calls than others
        description: "The busiest one gets {{`{{ $value | humanize }}`}} times the mean; {{ divf (add 100 $bounds.unevenPercent) 100 }} is allowed. With jobs of very different cost this is as it should be."
        runbook: Look for pods that fail health checks at times, and for calls that are much longer than others.
    {{- end }}
    {{- if or .Values.tls.callers.enabled .Values.tls.pods.enabled }}
    - alert: EvenkeelCertificateExpires
      expr: min by (pod) (envoy_server_days_until_first_cert_expiring{ {{- $envoys }}}) < 7
      for: 1h
      labels: { severity: warning }
      annotations:
        summary: "A certificate of Envoy {{`{{ $labels.pod }}`}} expires within {{`{{ $value }}`}} days"
        description: Connections fail from then on.
        runbook: kubectl get certificates. Envoy takes a renewed Secret without a restart.
    {{- end }}
{{- end -}}
