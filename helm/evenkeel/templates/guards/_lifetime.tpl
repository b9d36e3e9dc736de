{{/* Calls end before what answers them does. */}}
{{- define "evenkeel.guards.lifetime" -}}
{{- $v := .Values }}
{{- if gt (int $v.service.defaultDeadlineMs) (int $v.service.maxDeadlineMs) }}
- {{ printf "service.defaultDeadlineMs=%d: must not be above service.maxDeadlineMs=%d" (int $v.service.defaultDeadlineMs) (int $v.service.maxDeadlineMs) | quote }}
{{- end }}
{{- $longestMs := add $v.service.drainDelayMs $v.service.maxDeadlineMs }}
{{- if lt (int $v.service.drainTimeoutMs) (int $longestMs) }}
- {{ printf "service.drainTimeoutMs=%d: calls would be cut; it must be at least drainDelayMs + maxDeadlineMs = %d" (int $v.service.drainTimeoutMs) $longestMs | quote }}
{{- end }}
{{- $sleep := include "evenkeel.service.preStopSeconds" . }}
{{- $leaving := include "evenkeel.service.leavingSeconds" . | int }}
{{- $grace := include "evenkeel.service.gracePeriodSeconds" . | int }}
{{- if lt $grace $leaving }}
- {{ printf "service.terminationGracePeriodSeconds=%d: pods would be killed while they drain; it must be at least %d, the preStop sleep of %s s, drainTimeoutMs, and 5 s" $grace $leaving $sleep | quote }}
{{- end }}
{{- $untilUnused := add $v.balancing.dns.ttlSeconds $v.balancing.dns.refreshSeconds }}
{{- if and (eq $v.balancing.endpoints "dns") (lt (int $sleep) (int $untilUnused)) }}
- {{ printf "service.preStopSeconds=%s: Envoy calls a pod that left for up to balancing.dns.ttlSeconds + refreshSeconds = %d s; set at least that, or balancing.endpoints=xds" $sleep $untilUnused | quote }}
{{- end }}
{{- if and $v.envoy.enabled (lt (int (mul $v.envoy.drainTimeoutSeconds 1000)) (int $v.service.maxDeadlineMs)) }}
- {{ printf "envoy.drainTimeoutSeconds=%d: calls would be cut; it must be at least service.maxDeadlineMs = %d ms" (int $v.envoy.drainTimeoutSeconds) (int $v.service.maxDeadlineMs) | quote }}
{{- end }}
{{- end -}}
