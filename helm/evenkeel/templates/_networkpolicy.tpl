{{/* Egress to the cluster's DNS. */}}
{{- define "evenkeel.networkPolicy.dns" -}}
- to: [{ namespaceSelector: {} }]
  ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end -}}
