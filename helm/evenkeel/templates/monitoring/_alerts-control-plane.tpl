{{/* What the control plane says of itself. Without it everyone goes on with what was told last, so nothing here is critical. */}}
{{- define "evenkeel.monitoring.controlPlaneAlerts" -}}
{{- $name := include "evenkeel.fullname" . -}}
{{- $plane := include "evenkeel.monitoring.target" (dict "root" . "suffix" "-control-plane") -}}
{{- $refused := dict "counter" (printf "evenkeel_xds_rejected_total{%s}" $plane) "within" "10m" -}}
- name: {{ $name }}-control-plane
  rules:
    - alert: EvenkeelControlPlaneDown
      expr: absent(up{ {{- $plane }}} == 1)
      for: 5m
      labels: { severity: warning }
      annotations:
        summary: No control plane of {{ $name }} is there
        description: Calls go on, to the pods that were there when it left; new pods get none, and dead ones are found by health checks only.
        runbook: kubectl describe and kubectl logs of the pods {{ $name }}-control-plane.
    - alert: EvenkeelSourceFails
      expr: max by (pod) (evenkeel_source_failing{ {{- $plane }}}) == 1
      for: 2m
      labels: { severity: warning }
      annotations:
        summary: "{{`{{ $labels.pod }}`}} cannot read EndpointSlices"
        description: It goes on telling the last state that it knows; new pods get no calls.
        runbook: Its log has the answer of the API server. Check its Role and RoleBinding, and whether a NetworkPolicy lets it reach the API server.
    - alert: EvenkeelSubscribersBehind
      expr: sum by (evenkeel_xds_type) (evenkeel_xds_subscribers_behind{ {{- $plane }}}) > 0
      for: 5m
      labels: { severity: warning }
      annotations:
        summary: "{{`{{ $value }}`}} subscribers of {{ $name }} do not have the newest {{`{{ $labels.evenkeel_xds_type }}`}}"
        description: They balance over an older state, or have refused the newest.
        runbook: evenkeel control-plane status lists who is behind, and what each refused.
    - alert: EvenkeelStateRefused
      expr: sum by (evenkeel_xds_type) {{ include "evenkeel.monitoring.grew" $refused }} > 0
      labels: { severity: warning }
      annotations:
        summary: "A subscriber of {{ $name }} refuses {{`{{ $labels.evenkeel_xds_type }}`}}"
        description: It goes on with what it had.
        runbook: The log of the control plane has its reason; most often Envoy or a caller is older than what it is told.
{{- end -}}
