{{/* CPU and memory. */}}
{{- define "evenkeel.guards.resources" -}}
{{- $v := .Values }}
{{- range $path := list "service.resources" "envoy.resources" "envoy.drainResources" "controlPlane.resources" }}
{{- $resources := index $v (splitList "." $path | first) (splitList "." $path | last) }}
{{- range $name, $request := $resources.requests }}
{{- $limit := dig "limits" $name "" $resources | toString }}
{{- if and $limit (gt (include "evenkeel.quantity" $request | float64) (include "evenkeel.quantity" $limit | float64)) }}
- {{ printf "%s.requests.%s=%s: must not be above %s.limits.%s=%s" $path $name (toString $request) $path $name $limit | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- $limit := dig "limits" "memory" "" $v.envoy.resources | toString }}
{{- $wantedMib := add $v.envoy.maxHeapMib 128 }}
{{- if and $v.envoy.enabled $limit (lt (include "evenkeel.quantity" $limit | float64) (mul $wantedMib 1048576 | float64)) }}
- {{ printf "envoy.resources.limits.memory=%s: Envoy would be killed before it refuses calls; it must be at least envoy.maxHeapMib + 128 = %dMi" $limit $wantedMib | quote }}
{{- end }}
{{- $held := mul (include "evenkeel.service.maxReplicas" .) (include "evenkeel.service.inFlight" .) }}
{{- if and $v.envoy.maxRequests (lt (int $v.envoy.maxRequests) (int $held)) }}
- {{ printf "envoy.maxRequests=%d: calls that pods have room for would end with UNAVAILABLE; it must be at least %d, pods times queueLimit + workers + 1, or null" (int $v.envoy.maxRequests) $held | quote }}
{{- end }}
{{- $cpu := dig "limits" "cpu" "" $v.service.resources | toString }}
{{- $workers := int $v.service.workers }}
{{- if and $cpu (gt $workers (include "evenkeel.quantity" $cpu | float64 | ceil | int)) }}
- {{ printf "service.workers=%d: more than service.resources.limits.cpu=%s can run would stall the gRPC thread; raise the limit, or set service.workers=null" $workers $cpu | quote }}
{{- end }}
{{- end -}}

{{/* A quantity of Kubernetes, such as 500m or 1.5Gi, as a number. */}}
{{- define "evenkeel.quantity" -}}
{{- $suffix := regexFind "[A-Za-z]*$" (toString .) -}}
{{- $factors := dict "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mulf (trimSuffix $suffix (toString .)) (dig $suffix 1 $factors) -}}
{{- end -}}
