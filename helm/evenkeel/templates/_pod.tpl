{{/* What every pod has; takes (dict "root" $ "component" NAME "values" VALUES). A pod says itself where it needs a token. */}}
{{- define "evenkeel.pod" -}}
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $spread := .values.topologySpreadConstraints }}
{{- if kindIs "invalid" $spread }}
{{- $spread = list }}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
{{- $selector := include "evenkeel.selectorLabels" $ | fromYaml }}
{{- $spread = append $spread (dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway" "labelSelector" (dict "matchLabels" $selector) "matchLabelKeys" (list "pod-template-hash")) }}
{{- end }}
{{- end }}
{{- with $spread }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Annotations and labels of pods; takes the same, and "annotations" of the chart's own. No version: a new one of the chart alone rolls no pod. */}}
{{- define "evenkeel.podMetadata" -}}
{{- with merge (deepCopy .values.podAnnotations) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
labels:
  {{- include "evenkeel.selectorLabels" . | nindent 2 }}
  {{- with merge (deepCopy .values.podLabels) .root.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* One pod after the other, never fewer than wanted. */}}
{{- define "evenkeel.strategy" -}}
type: RollingUpdate
rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
{{- end -}}

{{/* Name of the pod, for logs, metrics and trailers. */}}
{{- define "evenkeel.podName" -}}
- name: EVENKEEL_POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- end -}}
