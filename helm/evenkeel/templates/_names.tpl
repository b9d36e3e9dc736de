{{/* Name of the release's objects; those of a component append its name. */}}
{{- define "evenkeel.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes (dict "root" $ "component" NAME). */}}
{{- define "evenkeel.selectorLabels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of an object; takes (dict "root" $ "component" NAME). */}}
{{- define "evenkeel.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "evenkeel.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object; takes (dict "root" $ "component" NAME "suffix" "-what"). */}}
{{- define "evenkeel.metadata" -}}
name: {{ include "evenkeel.fullname" .root }}{{ .suffix | default "" }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "evenkeel.labels" . | nindent 2 }}
{{- end -}}

{{/* Whole name of a Service; takes (dict "root" $ "suffix" "-envoy"). */}}
{{- define "evenkeel.host" -}}
{{ include "evenkeel.fullname" .root }}{{ .suffix | default "" }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}
{{- end -}}

{{/* Takes (dict "root" $ "image" IMAGE). */}}
{{- define "evenkeel.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end -}}
{{- end -}}

{{/* A control plane is needed: somebody asks for endpoints by xDS. */}}
{{- define "evenkeel.hasControlPlane" -}}
{{- if and (eq .Values.balancing.endpoints "xds") (or .Values.envoy.enabled .Values.proxyless.enabled) -}}true{{- end -}}
{{- end -}}
