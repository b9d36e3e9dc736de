{{/* Who balances, and by what. */}}
{{- define "evenkeel.guards.balancing" -}}
{{- $v := .Values }}
{{- if and (eq $v.balancing.zones "prefer") (eq $v.balancing.endpoints "dns") }}
- "balancing.zones=prefer: DNS tells no zones; set balancing.endpoints=xds"
{{- end }}
{{- if and (eq $v.balancing.zones "prefer") (semverCompare "<1.35.0-0" .Capabilities.KubeVersion.Version) }}
- {{ printf "balancing.zones=prefer: Kubernetes %s does not tell pods their zone, 1.35 does; set balancing.zones=ignore" .Capabilities.KubeVersion.Version | quote }}
{{- end }}
{{- if and $v.proxyless.enabled (eq $v.balancing.endpoints "dns") }}
- "proxyless.enabled: there is no control plane with balancing.endpoints=dns; set balancing.endpoints=xds"
{{- end }}
{{- if not (or $v.envoy.enabled $v.proxyless.enabled $v.gateway.enabled $v.istio.enabled) }}
- "envoy.enabled=false: nothing balances calls then; set proxyless.enabled, gateway.enabled or istio.enabled"
{{- end }}
{{- if and $v.gateway.enabled $v.envoy.enabled }}
- "gateway.enabled: the Gateway takes the place of our Envoy; set envoy.enabled=false"
{{- end }}
{{- if and $v.istio.enabled $v.envoy.enabled }}
- "istio.enabled: the mesh takes the place of our Envoy; set envoy.enabled=false"
{{- end }}
{{- if and $v.gateway.enabled (not $v.gateway.parentRefs) }}
- "gateway.enabled: a GRPCRoute belongs to a Gateway; set gateway.parentRefs"
{{- end }}
{{- if and $v.istio.enabled $v.gateway.enabled }}
- "gateway.enabled: the mesh balances already; set istio.enabled=false"
{{- end }}
{{- end -}}
