{{- define "rebilling.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: rebilling
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "rebilling.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "rebilling.image" -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end }}{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "rebilling.kafka" -}}
- {name: REBILLING_SECRETS_DIR, value: /run/secrets/rebilling}
- {name: REBILLING_SECURITY__ENCRYPTED_ONLY, value: {{ .root.Values.encryptedOnly | quote }}}
- {name: REBILLING_KAFKA__BOOTSTRAP_SERVERS, value: {{ required "kafka.bootstrapServers: the brokers, as host:port,host:port" .root.Values.kafka.bootstrapServers | quote }}}
- {name: REBILLING_KAFKA__SECURITY_PROTOCOL, value: {{ .root.Values.kafka.securityProtocol | quote }}}
{{- if hasPrefix "SASL" .root.Values.kafka.securityProtocol }}
- {name: REBILLING_KAFKA__SASL_MECHANISM, value: {{ .root.Values.kafka.saslMechanism | quote }}}
- {name: REBILLING_KAFKA__SASL_USERNAME, value: {{ .principal | quote }}}
{{- end }}
{{- if .root.Values.kafka.caSecret }}
- {name: REBILLING_KAFKA__CA_FILE, value: /run/kafka-ca/ca.crt}
{{- end }}
{{- end }}

{{- define "rebilling.mounts" -}}
- {name: secrets, mountPath: /run/secrets/rebilling, readOnly: true}
- {name: scratch, mountPath: /tmp}
{{- if .root.Values.kafka.caSecret }}
- {name: kafka-ca, mountPath: /run/kafka-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "rebilling.volumes" -}}
- name: secrets
  secret: {secretName: {{ .secret | quote }}, defaultMode: 288}
- name: scratch
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- if .root.Values.kafka.caSecret }}
- name: kafka-ca
  secret: {secretName: {{ .root.Values.kafka.caSecret | quote }}}
{{- end }}
{{- end }}

{{- define "rebilling.pod-security" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "rebilling.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* Each change of the number moves partitions: up at once, down only after ten quiet minutes. */}}
{{- define "rebilling.pace" -}}
scaleDown:
  stabilizationWindowSeconds: 600
  policies: [{type: Pods, value: 1, periodSeconds: 120}]
{{- end }}
