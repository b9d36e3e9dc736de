{{/* TLS of Envoy: both sides take certificates from files of which the folder is watched. */}}
{{- define "evenkeel.envoy.sds" -}}
{ path_config_source: { path: /etc/envoy/sds-{{ . }}.yaml }, resource_api_version: V3 }
{{- end -}}

{{/* Where a certificate has a name: as envoy/tls.ts tells them apart. */}}
{{- define "evenkeel.envoy.nameType" -}}
{{- if contains "://" . }}URI{{ else if or (contains ":" .) (regexMatch `^\d+(\.\d+){3}$` .) }}IP_ADDRESS{{ else }}DNS{{ end -}}
{{- end -}}

{{- define "evenkeel.envoy.callerTransport" -}}
name: envoy.transport_sockets.tls
typed_config:
  "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
  require_client_certificate: {{ .Values.tls.callers.requireClientCertificate }}
  common_tls_context:
    alpn_protocols: [h2, http/1.1]
    tls_params: { tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3 }
    tls_certificate_sds_secret_configs: [{ name: callers, sds_config: {{ include "evenkeel.envoy.sds" "callers" }} }]
    {{- if .Values.tls.callers.requireClientCertificate }}
    combined_validation_context:
      default_validation_context:
        {{- with .Values.tls.callers.clientNames }}
        match_typed_subject_alt_names:
          {{- range prepend . (include "evenkeel.tls.envoyName" $) }}
          - { san_type: {{ include "evenkeel.envoy.nameType" . }}, matcher: { exact: {{ . | quote }} } }
          {{- end }}
        {{- else }} {}
        {{- end }}
      validation_context_sds_secret_config: { name: callers-authorities, sds_config: {{ include "evenkeel.envoy.sds" "callers-authorities" }} }
    {{- end }}
{{- end -}}

{{/* A pod whose certificate is for another name is not called. */}}
{{- define "evenkeel.envoy.replicaTransport" -}}
name: envoy.transport_sockets.tls
typed_config:
  "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
  sni: {{ include "evenkeel.tls.podsName" . }}
  common_tls_context:
    alpn_protocols: [h2]
    # By default Envoy goes no further than 1.2 to pods, which encrypts no certificate.
    tls_params: { tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_3 }
    tls_certificate_sds_secret_configs: [{ name: pods, sds_config: {{ include "evenkeel.envoy.sds" "pods" }} }]
    combined_validation_context:
      default_validation_context:
        match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: {{ include "evenkeel.tls.podsName" . }} } }]
      validation_context_sds_secret_config: { name: pods-authorities, sds_config: {{ include "evenkeel.envoy.sds" "pods-authorities" }} }
{{- end -}}
