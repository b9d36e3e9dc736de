{{/* Secrets of certificates, and the names that are checked. */}}
{{- define "evenkeel.tls.callersSecret" -}}
{{ default (printf "%s-envoy-callers-tls" (include "evenkeel.fullname" .)) .Values.tls.callers.secretName }}
{{- end -}}
{{- define "evenkeel.tls.podsSecret" -}}
{{ default (printf "%s-tls" (include "evenkeel.fullname" .)) .Values.tls.pods.secretName }}
{{- end -}}
{{- define "evenkeel.tls.envoySecret" -}}
{{ default (printf "%s-envoy-tls" (include "evenkeel.fullname" .)) .Values.tls.pods.envoySecretName }}
{{- end -}}

{{/* What a pod's certificate is for; Envoy asks for this name and takes no other. */}}
{{- define "evenkeel.tls.podsName" -}}
{{ include "evenkeel.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* What Envoy's certificate is for; pods take calls of this name and of `tls.pods.clientNames`. */}}
{{- define "evenkeel.tls.envoyName" -}}
{{ include "evenkeel.fullname" . }}-envoy.{{ .Release.Namespace }}.svc
{{- end -}}
{{- define "evenkeel.tls.clientNames" -}}
{{ prepend .Values.tls.pods.clientNames (include "evenkeel.tls.envoyName" .) | join "," }}
{{- end -}}

{{/* A Secret as a volume, by its parts: without one of them a pod does not start, and the pods before it go on. Takes (dict "secret" NAME "authorities" BOOL). */}}
{{- define "evenkeel.tls.volume" -}}
{{- $items := list (dict "key" "tls.crt" "path" "tls.crt") (dict "key" "tls.key" "path" "tls.key") -}}
{{- if .authorities }}{{ $items = append $items (dict "key" "ca.crt" "path" "ca.crt") }}{{ end -}}
{{ dict "secretName" .secret "items" $items | toJson }}
{{- end -}}
