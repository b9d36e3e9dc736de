{{/* What `helm test` needs. */}}
{{- define "evenkeel.guards.tests" -}}
{{- $v := .Values }}
{{- if and $v.test.method (ne $v.test.method "grpc.health.v1.Health/Check") $v.service.chassis (not $v.service.reflection) }}
- "test.method: how it is called is asked by reflection; set service.reflection=true"
{{- end }}
{{- end -}}
