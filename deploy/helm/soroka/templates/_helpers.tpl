{{/* What every object is known by. */}}
{{- define "soroka.labels" -}}
app.kubernetes.io/name: soroka
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What a program's pods are found by: a dict of root and component. */}}
{{- define "soroka.selector" -}}
app.kubernetes.io/name: soroka
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "soroka.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end }}

{{- define "soroka.pod" -}}
serviceAccountName: {{ .Release.Name }}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end }}

{{- define "soroka.container" -}}
image: {{ include "soroka.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Under which names web is called inside the cluster: by probes, by Prometheus at each pod, and by other programs. */}}
{{- define "soroka.hosts" -}}
localhost,$(POD_IP),[$(POD_IP)],
{{- $web := printf "%s-web" .Release.Name }}
{{- printf "%s,%s.%s,%s.%s.svc" $web $web .Release.Namespace $web .Release.Namespace }}
{{- end }}

{{/* The settings, and where the files of the secrets are: a dict of root and keys. */}}
{{- define "soroka.env" -}}
- {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
{{- range $name, $value := .root.Values.settings }}
{{- if eq $name "ALLOWED_HOSTS" }}
{{- $value = printf "%s,%s" $value (include "soroka.hosts" $.root) }}
{{- end }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
- {name: SOROKA_PUMPS, value: {{ .root.Values.pumps | quote }}}
{{- range .keys }}
- {name: {{ . }}_FILE, value: /run/secrets/soroka/{{ . }}}
{{- end }}
{{- end }}

{{- define "soroka.mounts" -}}
- {name: secrets, mountPath: /run/secrets/soroka, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{/* A dict of root, keys and the size of /tmp. */}}
{{- define "soroka.volumes" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.secret.name }}
    defaultMode: 288
    items:
    {{- range .keys }}
    - {key: {{ . }}, path: {{ . }}}
    {{- end }}
- name: tmp
  emptyDir: {sizeLimit: {{ .tmp }}}
{{- end }}

{{/* A program waits for the migration of its release; what a later one adds is no reason to wait. A dict of
root and keys. */}}
{{- define "soroka.migrated" -}}
- name: migrated
  {{- include "soroka.container" .root | nindent 2 }}
  command: [sh, -c, "until soroka manage migrate --check >/dev/null; do sleep 2; done"]
  env: {{- include "soroka.env" . | trim | nindent 4 }}
  volumeMounts: {{- include "soroka.mounts" . | nindent 4 }}
  resources: {{ toJson .root.Values.migration.resources }}
{{- end }}
