{{/* Egress to the cluster's DNS, which may be a pod, with a port of its own, or an address of the node. */}}
{{- define "evenkeel.networkPolicy.dns" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }, { port: 5353, protocol: UDP }, { port: 5353, protocol: TCP }]
{{- end -}}

{{/* Who calls without Envoy: everyone of the namespace, or those that are named and the pods of `helm test`. */}}
{{- define "evenkeel.networkPolicy.proxylessCallers" -}}
{{- $tests := dict "podSelector" (dict "matchLabels" (include "evenkeel.selectorLabels" (dict "root" . "component" "test") | fromYaml)) -}}
{{- $named := .Values.networkPolicy.proxylessCallers -}}
{{- ternary (append $named $tests) (list (dict "podSelector" dict)) (not (empty $named)) | toJson -}}
{{- end -}}
