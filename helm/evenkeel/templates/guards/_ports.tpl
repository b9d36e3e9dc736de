{{/* Each port is one thing's. */}}
{{- define "evenkeel.guards.ports" -}}
{{- $v := .Values }}
{{- $health := include "evenkeel.service.healthPort" . | int }}
{{- $metrics := include "evenkeel.service.metricsPort" . | int }}
{{- if and $v.service.chassis (eq $health (int $v.service.port)) }}
- {{ printf "service.healthPort=%d: is service.port too; set another one" $health | quote }}
{{- end }}
{{- if has $metrics (list (int $v.service.port) $health) }}
- {{ printf "service.metricsPort=%d: is service.port or service.healthPort too; set another one" $metrics | quote }}
{{- end }}
{{- if eq (int $v.envoy.port) (int $v.envoy.readyPort) }}
- {{ printf "envoy.readyPort=%d: is envoy.port too; set another one" (int $v.envoy.readyPort) | quote }}
{{- end }}
{{- if has 9901 (list (int $v.envoy.port) (int $v.envoy.readyPort)) }}
- "envoy.port or envoy.readyPort=9901: is the port of Envoy's admin; set another one"
{{- end }}
{{- if and $v.envoy.service.nodePort (eq $v.envoy.service.type "ClusterIP") }}
- "envoy.service.nodePort: a ClusterIP has none; set envoy.service.type=NodePort or LoadBalancer"
{{- end }}
{{- if and $v.envoy.service.loadBalancerSourceRanges (ne $v.envoy.service.type "LoadBalancer") }}
- {{ printf "envoy.service.loadBalancerSourceRanges: a %s keeps nobody out; set envoy.service.type=LoadBalancer, or networkPolicy.callers" $v.envoy.service.type | quote }}
{{- end }}
{{- end -}}
