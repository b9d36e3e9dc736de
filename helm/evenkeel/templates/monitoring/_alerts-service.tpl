{{/* What pods on the chassis say of themselves. */}}
{{- define "evenkeel.monitoring.serviceAlerts" -}}
{{- $name := include "evenkeel.fullname" . -}}
{{- $pods := include "evenkeel.monitoring.target" (dict "root" .) -}}
{{- $busy := printf "sum by (pod) (rate(evenkeel_compute_time_sum{%s}[5m]))" $pods -}}
{{- $replaced := dict "counter" (printf "evenkeel_workers_replaced_total{%s,evenkeel_reason!=\"stopped\"}" $pods) "within" "15m" -}}
{{- $refused := printf "evenkeel_connections_refused_total{%s,evenkeel_reason" $pods -}}
{{- $tooMany := dict "counter" (printf "%s=\"limit\"}" $refused) "within" "5m" -}}
{{- $broken := dict "counter" (printf "%s=\"protocol\"}" $refused) "within" "5m" -}}
{{- $untrusted := dict "counter" (printf "%s=~\"handshake|name\"}" $refused) "within" "5m" -}}
{{- $bounds := .Values.monitoring.prometheusRule -}}
- name: {{ $name }}-service
  rules:
    - alert: EvenkeelRefusesCalls
      expr: |-
        sum(rate(evenkeel_calls_refused_total{ {{- $pods }},evenkeel_error=~"full|overloaded"}[5m]))
          / sum(rate(grpc_server_call_started_total{ {{- $pods }},grpc_method!~"grpc[.].+"}[5m])) > 0.01
      for: 5m
      labels: { severity: warning }
      annotations:
        summary: {{ $name }} refuses more than one call in a hundred
        description: "They would have waited longer than service.delayTargetMs, or found the queue full: {{`{{ $value | humanizePercentage }}`}} of the calls of the last 5 minutes were sent away with RESOURCE_EXHAUSTED."
        runbook: Add pods (kubectl scale, or a higher maxReplicas). If EvenkeelBalanceLost fires too, look there first, for some pods are then idle.
    - alert: EvenkeelCallsWait
      expr: histogram_quantile(0.99, sum by (le) (rate(evenkeel_queue_wait_bucket{ {{- $pods }}}[5m]))) > {{ divf $bounds.queueWaitMs 1000 }}
      for: 10m
      labels: { severity: warning }
      annotations:
        summary: Calls of {{ $name }} wait for a worker
        description: "One call in a hundred waits {{`{{ $value | humanizeDuration }}`}} or longer before it is computed; {{ $bounds.queueWaitMs }} ms are allowed."
        runbook: Add pods. If workers are not busy, the jobs are of very different cost, and a long one stands before short ones.
    - alert: EvenkeelWorkersBusy
      expr: sum(avg_over_time(evenkeel_workers_busy{ {{- $pods }}}[10m])) / sum(evenkeel_workers{ {{- $pods }}}) > {{ divf $bounds.busyPercent 100 }}
      for: 15m
      labels: { severity: warning }
      annotations:
        summary: The workers of {{ $name }} have hardly a free moment
        description: "Workers computed for {{`{{ $value | humanizePercentage }}`}} of the time; above 85 % calls begin to wait."
        runbook: Add pods, or let service.autoscaling or keda do so.
    - alert: EvenkeelBalanceLost
      expr: |-
        max({{ $busy }}) / avg({{ $busy }}) > {{ divf (add 100 $bounds.unevenPercent) 100 }}
          and avg({{ $busy }}) > 0.2
      for: 15m
      labels: { severity: warning }
      annotations:
        summary: Some pods of {{ $name }} work much more than others
        description: "The busiest pod computes {{`{{ $value | humanize }}`}} times the mean; {{ divf (add 100 $bounds.unevenPercent) 100 }} is allowed."
        runbook: Look for callers that go around Envoy, and for pods that Envoy does not know (evenkeel control-plane status) or has ejected. More Envoys than needed balance worse.
    - alert: EvenkeelWorkersReplaced
      expr: sum by (evenkeel_reason) {{ include "evenkeel.monitoring.grew" $replaced }} > 2
      labels: { severity: warning }
      annotations:
        summary: Worker threads of {{ $name }} end against their will
        description: "{{`{{ $value | humanize }}`}} within 15 minutes, reason {{`{{ $labels.evenkeel_reason }}`}}. The call of each was lost."
        runbook: The log line of the pod names the method. died is a crash or its memory (service.resources, service.heapPercent); ignored-stop is a task that never asks throwIfStopped.
    - alert: EvenkeelThreadLate
      expr: max by (pod) (nodejs_eventloop_delay_p99{ {{- $pods }}}) > 0.25
      for: 10m
      labels: { severity: warning }
      annotations:
        summary: "The gRPC thread of {{`{{ $labels.pod }}`}} waits for a core"
        description: "It comes to its work {{`{{ $value | humanizeDuration }}`}} late; health checks fail at 0.5 s, and the pod gets no calls."
        runbook: Give the pod more CPU than workers, or fewer service.workers; look for work on the gRPC thread in handlers.
    - alert: EvenkeelConnectionsRefused
      expr: sum by (pod) {{ include "evenkeel.monitoring.grew" $tooMany }} > 0
      labels: { severity: warning }
      annotations:
        summary: "{{`{{ $labels.pod }}`}} closes connections at accept"
        description: More than service.maxConnections = {{ int $.Values.service.maxConnections }} were open on a port.
        runbook: Find who opens a connection for each call; callers share one. Raise service.maxConnections if there are so many callers.
    - alert: EvenkeelCallersBreakRules
      expr: sum by (pod) {{ include "evenkeel.monitoring.grew" $broken }} > 10
      labels: { severity: warning }
      annotations:
        summary: "{{`{{ $labels.pod }}`}} closes connections that break the rules of HTTP/2"
        description: "{{`{{ $value | humanize }}`}} within 5 minutes: too many headers, frames or resets, or no HTTP/2 at all."
        runbook: The log line of the pod says who came, and what was wrong. Through Envoy nothing of the kind arrives; find who calls pods themselves, and let networkPolicy.enabled keep them out.
    {{- if .Values.tls.pods.enabled }}
    - alert: EvenkeelCallersNotTrusted
      expr: sum by (pod, evenkeel_reason) {{ include "evenkeel.monitoring.grew" $untrusted }} > 0
      labels: { severity: warning }
      annotations:
        summary: "{{`{{ $labels.pod }}`}} refuses connections for their TLS"
        description: "{{`{{ $value | humanize }}`}} within 5 minutes, reason {{`{{ $labels.evenkeel_reason }}`}}."
        runbook: The log line of the pod says who came, and why not. handshake is a certificate that is missing, expired or of another authority, or a caller without TLS; name is one that says another name than Envoy's.
    {{- end }}
{{- end -}}
