{{- define "qiao.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "qiao.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "qiao.labels" -}}
{{ include "qiao.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "qiao.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Where the gateway listens in its container; the image's EXPOSE and HEALTHCHECK say the same. */}}
{{- define "qiao.publicPort" -}}8080{{- end }}
{{- define "qiao.adminPort" -}}9090{{- end }}

{{/* Connections of one process: postgresLimits.maxConnections (gateway/store/pg-limits.ts). */}}
{{- define "qiao.connections" -}}10{{- end }}

{{- define "qiao.configSecret" -}}
{{- if and .Values.config.existingSecret .Values.config.inline }}{{ fail "config: existingSecret and inline exclude each other" }}{{ end }}
{{- if not (or .Values.config.existingSecret .Values.config.inline) }}{{ fail "config: name a Secret with config.existingSecret, or give the configuration as config.inline" }}{{ end }}
{{- .Values.config.existingSecret | default (printf "%s-config" (include "qiao.name" .)) }}
{{- end }}

{{- define "qiao.configJson" -}}
{{- range list "listen" "admin" "adaptersDir" "workers" }}
{{- if hasKey $.Values.config.inline . }}{{ fail (printf "config.inline: %s is the chart's to set" .) }}{{ end }}
{{- end }}
{{- $own := dict
  "listen" (dict "host" "0.0.0.0" "port" (include "qiao.publicPort" . | int))
  "admin" (dict "host" "0.0.0.0" "port" (include "qiao.adminPort" . | int))
  "adaptersDir" "/app/adapters" }}
{{- merge $own .Values.config.inline | toPrettyJson }}
{{- end }}

{{/* Refuses more processes than the database has connections for. */}}
{{- define "qiao.checkConnections" -}}
{{- $pods := add .Values.maxSurge (ternary .Values.autoscaling.maxReplicas .Values.replicas .Values.autoscaling.enabled) }}
{{- $needed := mul $pods .Values.workers (include "qiao.connections" . | int) }}
{{- if gt (int $needed) (int .Values.database.maxConnections) }}
{{- fail (printf "%d pods (with maxSurge) of %d processes may hold %d connections, but database.maxConnections is %d" (int $pods) (int .Values.workers) (int $needed) (int .Values.database.maxConnections)) }}
{{- end }}
{{- end }}

{{- define "qiao.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  # The image's user "node", as a number: a name cannot be checked for being root.
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "qiao.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
