{{/* What differs here from files/envoy-defaults.yaml: values of the places that files/envoy-*.yaml leave open. */}}
{{- define "evenkeel.envoy.place" -}}
{{- $reset := ternary ",reset" "" (eq (include "evenkeel.service.idempotent" .) "true") -}}
grpc_port: {{ .Values.envoy.port }}
ready_port: {{ .Values.envoy.readyPort }}
node: { id: edge, cluster: {{ include "evenkeel.fullname" . }} }
service: {{ include "evenkeel.fullname" . }}
control_plane_host: {{ include "evenkeel.host" (dict "root" . "suffix" "-control-plane") }}.
dns_name: {{ include "evenkeel.host" (dict "root" .) }}.
dns_port: {{ .Values.service.port }}
dns_refresh_rate: {{ .Values.balancing.dns.refreshSeconds }}s
health_service: {{ .Values.service.healthService | quote }}
retry_on: connect-failure,refused-stream,reset-before-request,unavailable{{ $reset }}
retry_concurrency: {{ include "evenkeel.envoy.retryConcurrency" . }}
max_requests: {{ include "evenkeel.envoy.maxRequests" . }}
max_body_bytes: {{ add (ternary (int .Values.service.maxMessageBytes) 4194304 .Values.service.chassis) 1024 }}
max_heap_bytes: {{ mul .Values.envoy.maxHeapMib 1048576 }}
max_connections_callers: {{ .Values.envoy.maxConnections }}
{{- if .Values.tls.callers.enabled }}
caller_transport: {{ include "evenkeel.envoy.callerTransport" . | fromYaml | toJson }}
{{- end }}
{{- if .Values.tls.pods.enabled }}
replica_transport: {{ include "evenkeel.envoy.replicaTransport" . | fromYaml | toJson }}
{{- end }}
allowed_origins: {{ include "evenkeel.envoy.allowedOrigins" . }}
{{- if include "evenkeel.envoy.tellsEndpoint" . }}
response_headers: [{ header: { key: evenkeel-endpoint, value: "%UPSTREAM_HOST%" } }]
{{- end }}
{{- end -}}

{{/* Retries at once: what one pod may hold. */}}
{{- define "evenkeel.envoy.retryConcurrency" -}}
{{- .Values.envoy.retryConcurrency | default (max 256 (include "evenkeel.service.inFlight" . | int)) | int -}}
{{- end -}}

{{/* Calls at once: above what all pods may hold. */}}
{{- define "evenkeel.envoy.maxRequests" -}}
{{- $held := mul (include "evenkeel.service.maxReplicas" .) (include "evenkeel.service.inFlight" .) -}}
{{- .Values.envoy.maxRequests | default (max 10000 (mul 2 $held)) | int -}}
{{- end -}}

{{/* Every value of files/envoy-*.yaml as JSON. */}}
{{- define "evenkeel.envoy.values" -}}
{{- $place := include "evenkeel.envoy.place" . | fromYaml -}}
{{- with $place.Error }}{{ fail (printf "values of Envoy's configuration: %s" .) }}{{ end -}}
{{- $values := mergeOverwrite (.Files.Get "files/envoy-defaults.yaml" | fromYaml) $place -}}
{{- $_ := set $values "balancing" (get (.Files.Get "files/envoy-balancing.yaml" | fromYaml) .Values.balancing.policy) -}}
{{- $seconds := int .Values.envoy.maxConnectionDurationSeconds -}}
{{- $_ := set $values "max_connection_duration" (ternary (printf "%ds" $seconds) nil (gt $seconds 0)) -}}
{{- if not .Values.envoy.accessLog }}{{ $_ := set $values "access_log" list }}{{ end -}}
{{ toJson $values }}
{{- end -}}

{{- define "evenkeel.envoy.tellsEndpoint" -}}
{{- if kindIs "invalid" .Values.envoy.tellEndpoint }}{{ if not .Values.service.chassis }}true{{ end }}{{ else if .Values.envoy.tellEndpoint }}true{{ end -}}
{{- end -}}

{{- define "evenkeel.envoy.allowedOrigins" -}}
{{- $origins := list }}
{{- range .Values.envoy.allowedOrigins }}{{ $origins = append $origins (dict "exact" .) }}{{ end -}}
{{ $origins | toJson }}
{{- end -}}

