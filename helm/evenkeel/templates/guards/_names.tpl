{{/* Names, labels and variables that are the chart's own. */}}
{{- define "evenkeel.guards.names" -}}
{{- $v := .Values }}
{{- $name := include "evenkeel.fullname" . }}
{{- if gt (len $name) 40 }}
- {{ printf "%s: has %d characters, and names made of it would be too long; set fullnameOverride to at most 40" $name (len $name) | quote }}
{{- end }}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" $name) }}
- {{ printf "%s: the name of a Service begins with a letter and has no dots; set fullnameOverride" $name | quote }}
{{- end }}
{{- range $path, $labels := dict "commonLabels" $v.commonLabels "service.podLabels" $v.service.podLabels "envoy.podLabels" $v.envoy.podLabels "controlPlane.podLabels" $v.controlPlane.podLabels }}
{{- range $label, $_ := $labels }}
{{- if regexMatch "^(app\\.kubernetes\\.io/(name|instance|component|version|managed-by)|helm\\.sh/chart)$" $label }}
- {{ printf "%s: %s is the chart's own; set another label" $path $label | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- $own := include "evenkeel.podName" . | fromYamlArray }}
{{- if $v.service.chassis }}{{ $own = concat $own (include "evenkeel.service.settings" . | fromYamlArray) }}{{ end }}
{{- range $given := $v.service.env }}
{{- range $own }}
{{- if eq .name $given.name }}
- {{ printf "service.env: the chart sets %s itself; set the value that it is made of" .name | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
