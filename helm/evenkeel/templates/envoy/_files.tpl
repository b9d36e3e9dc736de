{{/* The files in /etc/envoy. A Secret's folder is watched: the kubelet renews it by swapping a link in it. */}}
{{- define "evenkeel.envoy.files" -}}
{{- $values := include "evenkeel.envoy.values" . | fromJson -}}
envoy.yaml: |
  {{- tpl (.Files.Get (printf "files/envoy-%s.yaml" .Values.balancing.endpoints)) $values | nindent 2 }}
{{- if .Values.tls.callers.enabled }}
sds-callers.yaml: |
  {{- include "evenkeel.envoy.certificate" (dict "name" "callers" "folder" "/etc/envoy-tls/callers") | nindent 2 }}
{{- if .Values.tls.callers.requireClientCertificate }}
sds-callers-authorities.yaml: |
  {{- include "evenkeel.envoy.authorities" (dict "name" "callers-authorities" "folder" "/etc/envoy-tls/callers") | nindent 2 }}
{{- end }}
{{- end }}
{{- if .Values.tls.pods.enabled }}
sds-pods.yaml: |
  {{- include "evenkeel.envoy.certificate" (dict "name" "pods" "folder" "/etc/envoy-tls/pods") | nindent 2 }}
sds-pods-authorities.yaml: |
  {{- include "evenkeel.envoy.authorities" (dict "name" "pods-authorities" "folder" "/etc/envoy-tls/pods") | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "evenkeel.envoy.certificate" -}}
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: {{ .name }}
    tls_certificate:
      certificate_chain: { filename: {{ .folder }}/tls.crt }
      private_key: { filename: {{ .folder }}/tls.key }
      watched_directory: { path: {{ .folder }} }
{{- end -}}

{{- define "evenkeel.envoy.authorities" -}}
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: {{ .name }}
    validation_context:
      trusted_ca: { filename: {{ .folder }}/ca.crt }
      watched_directory: { path: {{ .folder }} }
{{- end -}}
