{{/* How many pods there are, and who says so. */}}
{{- define "evenkeel.guards.replicas" -}}
{{- $v := .Values }}
{{- if and $v.service.autoscaling.enabled $v.keda.enabled }}
- "keda.enabled: two autoscalers would own the replicas; set service.autoscaling.enabled=false"
{{- end }}
{{- if and $v.keda.enabled (not $v.keda.prometheusUrl) }}
- "keda.enabled: it asks Prometheus how busy workers are; set keda.prometheusUrl"
{{- end }}
{{- if and $v.keda.enabled (not $v.service.chassis) }}
- "keda.enabled: it scales by metrics of a chassis, which service.chassis=false has not; set service.autoscaling.enabled"
{{- end }}
{{- range $component := list "service" "envoy" }}
{{- with (index $v $component).autoscaling }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
- {{ printf "%s.autoscaling.minReplicas=%d: must not be above %s.autoscaling.maxReplicas=%d" $component (int .minReplicas) $component (int .maxReplicas) | quote }}
{{- end }}
{{- if and .enabled (not (dig "requests" "cpu" "" (index $v $component).resources)) }}
- {{ printf "%s.autoscaling.enabled: it compares the use of CPU with what is requested; set %s.resources.requests.cpu" $component $component | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $v.envoy.enabled (not $v.envoy.autoscaling.enabled) (eq (int $v.envoy.replicas) 0) }}
- "envoy.replicas=0: nobody answers callers; set at least 1, or envoy.enabled=false"
{{- end }}
{{- if and (include "evenkeel.hasControlPlane" .) (eq (int $v.controlPlane.replicas) 0) }}
- "controlPlane.replicas=0: who starts is told of no pod, and waits; set at least 1, or balancing.endpoints=dns"
{{- end }}
{{- end -}}
