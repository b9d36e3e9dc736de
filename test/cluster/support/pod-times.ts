import { isReady, type Kubectl, type Pod } from './kubectl.ts'
import { watchObjects } from './watch-objects.ts'

/** When what happened to a pod was told by the API server, in milliseconds since 1970; undefined before it happens. */
export interface PodTimes {
  name: string
  node?: string | undefined
  address?: string | undefined
  readyAtMs?: number | undefined
  /** Deleted by somebody: from then on it is terminating. */
  deletedAtMs?: number | undefined
}

/** The pods that were seen since the watch began, by name. Those that were there at first have their `readyAtMs` from then. */
export interface PodWatch extends AsyncDisposable {
  pods: ReadonlyMap<string, PodTimes>
}

/** Watches the pods that a label selector matches. */
export function watchPods(kubectl: Kubectl, selector: string): PodWatch {
  const pods = new Map<string, PodTimes>()
  const watch = watchObjects<Pod>(kubectl, {
    kind: 'pods',
    selector,
    onEvent: ({ type, object, atMs }) => {
      const { name, deletionTimestamp } = object.metadata
      const times = pods.get(name) ?? { name }
      pods.set(name, times)
      times.node ??= object.spec.nodeName
      times.address ??= object.status.podIP
      if (isReady(object)) times.readyAtMs ??= atMs
      if (deletionTimestamp !== undefined || type === 'DELETED') times.deletedAtMs ??= atMs
    },
  })
  return { pods, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() }
}
