import type { ValueCases } from './value-case.ts'

/** Cases of an image, which the container at a path runs. */
export function imageCases(path: string, container: string): ValueCases {
  const digest = `sha256:${'0'.repeat(64)}`
  return {
    [`${path}.repository`]: {
      says: 'is where the image comes from',
      set: 'example/other',
      given: { [path]: { tag: '7' } },
      at: `${container} image`,
      is: 'example/other:7',
    },
    [`${path}.tag`]: {
      says: 'is the tag of the image',
      set: '7',
      given: { [path]: { repository: 'example/other' } },
      at: `${container} image`,
      is: 'example/other:7',
    },
    [`${path}.digest`]: {
      says: 'takes the place of the tag',
      set: digest,
      given: { [path]: { repository: 'example/other' } },
      at: `${container} image`,
      is: `example/other@${digest}`,
    },
    [`${path}.pullPolicy`]: { says: 'is when the image is pulled', set: 'Always', at: `${container} imagePullPolicy` },
  }
}

/** Cases of where pods of a Deployment run, and what they wear. */
export function placementCases(path: string, deployment: string): ValueCases {
  const template = `Deployment/${deployment} spec template`
  const constraint = { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }
  return {
    [`${path}.podAnnotations`]: {
      says: 'are on every pod',
      set: { 'example/a': 'b' },
      at: `${template} metadata annotations example/a`,
      is: 'b',
    },
    [`${path}.podLabels`]: {
      says: 'are on every pod',
      set: { team: 'a' },
      at: `${template} metadata labels team`,
      is: 'a',
    },
    [`${path}.priorityClassName`]: {
      says: 'is the class of pods',
      set: 'high',
      at: `${template} spec priorityClassName`,
    },
    [`${path}.nodeSelector`]: {
      says: 'picks the nodes of pods',
      set: { disk: 'fast' },
      at: `${template} spec nodeSelector`,
    },
    [`${path}.tolerations`]: {
      says: 'lets pods run on tainted nodes',
      set: [{ key: 'spot', operator: 'Exists' }],
      at: `${template} spec tolerations`,
    },
    [`${path}.affinity`]: { says: 'is the affinity of pods', set: affinity, at: `${template} spec affinity` },
    [`${path}.topologySpreadConstraints`]: {
      says: 'takes the place of even spreading over nodes and zones',
      set: [constraint],
      at: `${template} spec topologySpreadConstraints`,
    },
  }
}

/** Cases of the disruption budget of a Deployment. */
export function budgetCases(path: string, name: string): ValueCases {
  return {
    [`${path}.enabled`]: {
      says: 'false leaves the budget out',
      set: false,
      at: `PodDisruptionBudget/${name}`,
      is: undefined,
    },
    [`${path}.maxUnavailable`]: {
      says: 'is how many pods may be away at once',
      set: '50%',
      at: `PodDisruptionBudget/${name} spec maxUnavailable`,
    },
  }
}

/** Cases of the autoscaler of a Deployment. */
export function autoscalingCases(path: string, name: string): ValueCases {
  const spec = `HorizontalPodAutoscaler/${name} spec`
  const given = { [path]: { enabled: true } }
  return {
    [`${path}.enabled`]: {
      says: 'true gives the number of pods to an autoscaler',
      set: true,
      at: `${spec} scaleTargetRef name`,
      is: name,
    },
    [`${path}.minReplicas`]: { says: 'is the fewest pods', set: 3, given, at: `${spec} minReplicas` },
    [`${path}.maxReplicas`]: { says: 'is the most pods', set: 7, given, at: `${spec} maxReplicas` },
    [`${path}.targetCpuPercent`]: {
      says: 'is the CPU that is aimed at',
      set: 50,
      given,
      at: `${spec} metrics 0 resource target averageUtilization`,
    },
    [`${path}.behavior`]: {
      says: 'is how fast it grows and shrinks',
      set: { scaleUp: { stabilizationWindowSeconds: 9 } },
      given,
      at: `${spec} behavior scaleUp stabilizationWindowSeconds`,
      is: 9,
    },
  }
}
