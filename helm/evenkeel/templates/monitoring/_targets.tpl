{{/* Labels by which PromQL finds what a component says, as the Prometheus operator names targets; takes (dict "root" $ "suffix" "-envoy-pods"). */}}
{{- define "evenkeel.monitoring.target" -}}
namespace={{ .root.Release.Namespace | quote }},service="{{ include "evenkeel.fullname" .root }}{{ .suffix | default "" }}"
{{- end -}}

{{/*
By how much a counter grew; takes (dict "counter" SELECTOR "within" "10m"). Counters of ours appear with their first event, which
`increase` alone does not see.
*/}}
{{- define "evenkeel.monitoring.grew" -}}
(increase({{ .counter }}[{{ .within }}]) > 0 or ({{ .counter }} unless {{ .counter }} offset {{ .within }}))
{{- end -}}

{{/* A ServiceMonitor; takes (dict "root" $ "component" NAME "suffix" "-what" "path" PATH). */}}
{{- define "evenkeel.monitoring.serviceMonitor" -}}
{{- $values := .root.Values.monitoring.serviceMonitor -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "evenkeel.metadata" . | nindent 2 }}
    {{- with $values.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  namespaceSelector: { matchNames: [{{ .root.Release.Namespace }}] }
  selector:
    matchLabels:
      {{- include "evenkeel.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: metrics
      path: {{ .path }}
      interval: {{ $values.intervalSeconds }}s
      scrapeTimeout: {{ min 10 $values.intervalSeconds }}s
{{- end -}}
