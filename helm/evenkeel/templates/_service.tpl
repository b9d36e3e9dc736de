{{/* Port that the kubelet asks for health. */}}
{{- define "evenkeel.service.healthPort" -}}
{{- .Values.service.healthPort | default (ternary 50052 .Values.service.port .Values.service.chassis) | int -}}
{{- end -}}

{{/* Whether calls may be repeated after a connection broke. */}}
{{- define "evenkeel.service.idempotent" -}}
{{- ternary .Values.service.chassis .Values.service.idempotent (kindIs "invalid" .Values.service.idempotent) -}}
{{- end -}}

{{/* Port of metrics; empty for none. */}}
{{- define "evenkeel.service.metricsPort" -}}
{{- with .Values.service.metricsPort | default (ternary 9464 0 .Values.service.chassis) | int }}{{ . }}{{ end -}}
{{- end -}}

{{/* Seconds until nobody sends new calls to a pod that is deleted. */}}
{{- define "evenkeel.service.preStopSeconds" -}}
{{- if not (kindIs "invalid" .Values.service.preStopSeconds) -}}
{{- int .Values.service.preStopSeconds -}}
{{- else if eq .Values.balancing.endpoints "xds" -}}
5
{{- else -}}
{{- add .Values.balancing.dns.ttlSeconds .Values.balancing.dns.refreshSeconds 2 -}}
{{- end -}}
{{- end -}}

{{/* Seconds that a pod needs from its deletion to its end. */}}
{{- define "evenkeel.service.leavingSeconds" -}}
{{- add (include "evenkeel.service.preStopSeconds" .) (divf .Values.service.drainTimeoutMs 1000 | ceil) 5 -}}
{{- end -}}

{{/* Variables of a chassis; each setting is the value of the same name. */}}
{{- define "evenkeel.service.settings" -}}
- { name: EVENKEEL_HOST, value: 0.0.0.0 }
- { name: EVENKEEL_PORT, value: {{ .Values.service.port | int | quote }} }
- { name: EVENKEEL_HEALTH_PORT, value: {{ include "evenkeel.service.healthPort" . | quote }} }
- { name: EVENKEEL_METRICS_PORT, value: {{ include "evenkeel.service.metricsPort" . | quote }} }
{{- include "evenkeel.service.workers" . }}
{{- range $name := list "queueLimit" "delayTargetMs" "batchSharePercent" "defaultDeadlineMs" "maxDeadlineMs" "drainDelayMs" "drainTimeoutMs" "maxMessageBytes" "maxHeaderBytes" "maxConcurrentStreams" "maxSessionMemoryMb" "maxConnections" "keepaliveMs" "keepaliveTimeoutMs" "reflection" "servedBy" "loadTrailer" "logLevel" "accessLog" }}
{{- $value := index $.Values.service $name }}
- { name: EVENKEEL_{{ snakecase $name | upper }}, value: {{ ternary (int64 $value) $value (kindIs "float64" $value) | quote }} }
{{- end }}
{{- if .Values.tls.pods.enabled }}
- { name: EVENKEEL_TLS_CERTIFICATE, value: /etc/evenkeel/tls/tls.crt }
- { name: EVENKEEL_TLS_PRIVATE_KEY, value: /etc/evenkeel/tls/tls.key }
- { name: EVENKEEL_TLS_CLIENT_AUTHORITIES, value: /etc/evenkeel/tls/ca.crt }
- { name: EVENKEEL_TLS_CLIENT_NAMES, value: {{ include "evenkeel.tls.clientNames" . | quote }} }
{{- end }}
{{- with include "evenkeel.service.heapPercent" . }}
- { name: NODE_OPTIONS, value: "--max-old-space-size-percentage={{ . }}" }
{{- end }}
{{- end -}}

{{/* Workers: as said, else the CPU limit, else the request, rounded up by the kubelet; without either what the cgroup allows. */}}
{{- define "evenkeel.service.workers" -}}
{{- with .Values.service.workers }}
- { name: EVENKEEL_WORKERS, value: {{ int . | quote }} }
{{- else }}
{{- range $kind := list "limits" "requests" }}
{{- if and (dig $kind "cpu" "" $.Values.service.resources) (or (eq $kind "limits") (not (dig "limits" "cpu" "" $.Values.service.resources))) }}
- name: EVENKEEL_WORKERS
  valueFrom: { resourceFieldRef: { containerName: service, resource: {{ $kind }}.cpu, divisor: "1" } }
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How many workers that is; empty where nobody says it. */}}
{{- define "evenkeel.service.workerCount" -}}
{{- $resources := .Values.service.resources -}}
{{- $cpu := dig "limits" "cpu" (dig "requests" "cpu" "" $resources) $resources | toString -}}
{{- if .Values.service.workers -}}
{{- int .Values.service.workers -}}
{{- else if $cpu -}}
{{- include "evenkeel.quantity" $cpu | float64 | ceil -}}
{{- end -}}
{{- end -}}

{{/* Calls that a pod may hold: those that wait, those at workers (128 where nobody says how many), and one at the spare thread. How
many another image takes is not known. */}}
{{- define "evenkeel.service.inFlight" -}}
{{- if .Values.service.chassis -}}
{{- add .Values.service.queueLimit (include "evenkeel.service.workerCount" . | default 128) 1 -}}
{{- else -}}
0
{{- end -}}
{{- end -}}

{{/* Pods at the most, as far as it is known. */}}
{{- define "evenkeel.service.maxReplicas" -}}
{{- $scaled := or .Values.service.autoscaling.enabled .Values.keda.enabled -}}
{{- ternary .Values.service.autoscaling.maxReplicas .Values.service.replicas $scaled | default 1 | int -}}
{{- end -}}

{{/* Percent of the memory limit for the heap of each thread: of all together 60, the rest is for Buffers and code. */}}
{{- define "evenkeel.service.heapPercent" -}}
{{- $workers := include "evenkeel.service.workerCount" . -}}
{{- if .Values.service.heapPercent -}}
{{- int .Values.service.heapPercent -}}
{{- else if and $workers (dig "limits" "memory" "" .Values.service.resources) -}}
{{- max 1 (div 60 (add 2 (int $workers))) -}}
{{- end -}}
{{- end -}}

{{/* A probe by the native gRPC of the kubelet; takes (dict "root" $ "period" 1 "timeout" 1 "failures" 30 "service" NAME). */}}
{{- define "evenkeel.service.probe" -}}
grpc: { port: {{ include "evenkeel.service.healthPort" .root }}, service: {{ .service | quote }} }
periodSeconds: {{ .period }}
timeoutSeconds: {{ .timeout }}
failureThreshold: {{ .failures }}
{{- end -}}

{{/* Seconds from the deletion of a pod to SIGKILL; never less than it needs. */}}
{{- define "evenkeel.service.gracePeriodSeconds" -}}
{{- .Values.service.terminationGracePeriodSeconds | default (include "evenkeel.service.leavingSeconds" .) | int -}}
{{- end -}}
