import type { V1Container, V1PodSpec, V1PodTemplateSpec } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { pick } from './pick.ts'

/** Any object of Kubernetes, as far as all are alike. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [key: string]: unknown
}

/** Pods that an object makes, under its name. */
export interface PodTemplate {
  name: string
  component: string
  template: V1PodTemplateSpec & { spec: V1PodSpec }
  /** All of them, in the order of their start. */
  containers: V1Container[]
}

/** The objects of one release. */
export class Rendering {
  readonly objects: readonly KubernetesObject[]

  constructor(objects: readonly KubernetesObject[]) {
    this.objects = objects
  }

  /** The objects of one kind. */
  ofKind(kind: string): KubernetesObject[] {
    return this.objects.filter((object) => object.kind === kind)
  }

  /** What is at `Deployment/evenkeel spec replicas`; undefined where there is nothing. Steps as `pick` takes them. */
  at(path: string): unknown {
    const [name = '', ...steps] = path.split(' ')
    const object = this.objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === name)
    return pick(object, steps)
  }

  /** The same of Envoy's configuration, as `static_resources listeners grpc`. */
  inEnvoy(path: string): unknown {
    const text = this.at('ConfigMap/evenkeel-envoy data envoy.yaml')
    return typeof text === 'string' ? pick(parse(text), path.split(' ')) : undefined
  }

  /** The pods of Deployments, and of `helm test`. */
  pods(): PodTemplate[] {
    const templates = [
      ...this.ofKind('Deployment').map(({ metadata, spec }) => ({
        name: metadata.name,
        template: (spec as { template: PodTemplate['template'] }).template,
      })),
      ...this.ofKind('Pod').map((pod) => ({
        name: pod.metadata.name,
        template: pod as unknown as PodTemplate['template'],
      })),
    ]
    return templates.map(({ name, template }) => ({
      name,
      template,
      component: template.metadata?.labels?.['app.kubernetes.io/component'] ?? '',
      containers: [...(template.spec.initContainers ?? []), ...template.spec.containers],
    }))
  }
}
