/** What Pod Security `restricted` asks of a pod, and what a pod that calls no API server can do without. */
export const restrictedPod = {
  enableServiceLinks: false,
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
} as const

/** What it asks of a container. */
export const restrictedContainer = {
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
} as const
