{{/* A pod of `helm test` that runs the evenkeel command; takes (dict "root" $ "name" NAME "args" ARGUMENTS). */}}
{{- define "evenkeel.test.pod" -}}
apiVersion: v1
kind: Pod
metadata:
  {{- include "evenkeel.metadata" (dict "root" .root "component" "test" "suffix" (printf "-test-%s" .name)) | nindent 2 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- toYaml .root.Values.podSecurityContext | nindent 4 }}
  {{- with .root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .name }}
      image: {{ include "evenkeel.image" (dict "root" .root "image" .root.Values.cli.image) }}
      imagePullPolicy: {{ .root.Values.cli.image.pullPolicy }}
      securityContext:
        {{- toYaml .root.Values.containerSecurityContext | nindent 8 }}
      args:
        {{- toYaml .args | nindent 8 }}
      {{- if not .root.Values.envoy.enabled }}
      env:
        - { name: GRPC_XDS_BOOTSTRAP, value: /etc/evenkeel/xds/bootstrap.json }
      volumeMounts:
        - { name: xds, mountPath: /etc/evenkeel/xds, readOnly: true }
      {{- else if .root.Values.tls.callers.enabled }}
      env:
        - { name: EVENKEEL_TLS_AUTHORITIES, value: /etc/evenkeel/tls/ca.crt }
        - { name: EVENKEEL_TLS_SERVER_NAME, value: {{ include "evenkeel.tls.envoyName" .root }} }
        {{- if .root.Values.tls.callers.requireClientCertificate }}
        - { name: EVENKEEL_TLS_CERTIFICATE, value: /etc/evenkeel/tls/tls.crt }
        - { name: EVENKEEL_TLS_PRIVATE_KEY, value: /etc/evenkeel/tls/tls.key }
        {{- end }}
      volumeMounts:
        - { name: tls, mountPath: /etc/evenkeel/tls, readOnly: true }
      {{- end }}
      resources:
        requests: { cpu: 100m, memory: 96Mi, ephemeral-storage: 16Mi }
        limits: { memory: 256Mi, ephemeral-storage: 64Mi }
  {{- if not .root.Values.envoy.enabled }}
  volumes:
    - name: xds
      configMap: { name: {{ include "evenkeel.fullname" .root }}-xds-bootstrap }
  {{- else if .root.Values.tls.callers.enabled }}
  volumes:
    - name: tls
      secret:
        secretName: {{ include "evenkeel.tls.callersSecret" .root }}
        # The kubelet would wait for what is missing; the command says what it is.
        optional: true
        {{- if not .root.Values.tls.callers.requireClientCertificate }}
        items: [{ key: ca.crt, path: ca.crt }]
        {{- end }}
  {{- end }}
{{- end -}}

{{/* Where callers call: Envoy, or pods that the control plane knows. Empty where a test could not: it has no certificate for pods, and whoever answers without Envoy says so by a trailer of ours. */}}
{{- define "evenkeel.test.target" -}}
{{- if .Values.envoy.enabled -}}
{{ include "evenkeel.host" (dict "root" . "suffix" "-envoy") }}:{{ .Values.envoy.port }}
{{- else if and .Values.proxyless.enabled (not .Values.tls.pods.enabled) (or .Values.service.chassis .Values.test.identifyBy) -}}
xds:///{{ include "evenkeel.fullname" . }}
{{- end -}}
{{- end -}}

{{/* Not empty where something says who answered. */}}
{{- define "evenkeel.test.told" -}}
{{- if or .Values.test.identifyBy (and .Values.service.chassis .Values.service.servedBy) (include "evenkeel.envoy.tellsEndpoint" .) -}}true{{- end -}}
{{- end -}}

{{/* What a load of `helm test` calls; takes the root. */}}
{{- define "evenkeel.test.work" -}}
{{- $told := and .Values.envoy.enabled (include "evenkeel.envoy.tellsEndpoint" .) -}}
{{- $where := ternary "header:evenkeel-endpoint" "trailer:evenkeel-pod" (not (empty $told)) -}}
{{- if .Values.test.method }}
- --call
- {{ .Values.test.method }}
- --data
- {{ .Values.test.data | quote }}
{{- else if not .Values.service.chassis }}
- --call
- grpc.health.v1.Health/Check
{{- end }}
- --identify-by
- {{ .Values.test.identifyBy | default $where }}
{{- end -}}
