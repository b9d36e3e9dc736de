{{/* Certificates, and who checks them. */}}
{{- define "evenkeel.guards.tls" -}}
{{- $v := .Values }}
{{- if and $v.tls.callers.enabled (not $v.envoy.enabled) }}
- "tls.callers.enabled: it is between callers and our Envoy; set envoy.enabled=true"
{{- end }}
{{- if and $v.tls.callers.requireClientCertificate (not $v.tls.callers.enabled) }}
- "tls.callers.requireClientCertificate: without TLS everyone may call; set tls.callers.enabled=true"
{{- end }}
{{- if and $v.tls.callers.clientNames (not $v.tls.callers.requireClientCertificate) }}
- "tls.callers.clientNames: nobody is asked for a certificate; set tls.callers.requireClientCertificate=true"
{{- end }}
{{- if and $v.tls.pods.enabled (or $v.gateway.enabled $v.istio.enabled) }}
- "tls.pods.enabled: a Gateway or mesh brings its own TLS to pods; set tls.pods.enabled=false"
{{- end }}
{{- if and $v.tls.pods.enabled (eq (include "evenkeel.service.healthPort" .) ($v.service.port | int | toString)) }}
- "tls.pods.enabled: the kubelet checks health without TLS; set service.healthPort to a port of its own"
{{- end }}
{{- if and $v.tls.pods.enabled $v.proxyless.enabled (not $v.tls.pods.clientNames) }}
- "tls.pods.enabled: pods would turn callers without Envoy away; set tls.pods.clientNames to the names of their certificates"
{{- end }}
{{- range $side, $issuer := dict "callers" $v.tls.callers.issuerRef "pods" $v.tls.pods.issuerRef }}
{{- if and $issuer (not $issuer.name) }}
- {{ printf "tls.%s.issuerRef: names no issuer; set tls.%s.issuerRef.name" $side $side | quote }}
{{- end }}
{{- end }}
{{- $made := list }}
{{- if and $v.tls.callers.enabled $v.tls.callers.issuerRef }}
{{- $made = append $made (include "evenkeel.tls.callersSecret" .) }}
{{- end }}
{{- if and $v.tls.pods.enabled $v.tls.pods.issuerRef }}
{{- $made = append $made (include "evenkeel.tls.podsSecret" .) }}
{{- if $v.envoy.enabled }}
{{- $made = append $made (include "evenkeel.tls.envoySecret" .) }}
{{- end }}
{{- end }}
{{- if lt (len (uniq $made)) (len $made) }}
- {{ printf "tls: two certificates would be written into one Secret of %s; set tls.callers.secretName, tls.pods.secretName and tls.pods.envoySecretName to different names" (join ", " (uniq $made)) | quote }}
{{- end }}
{{- end -}}
