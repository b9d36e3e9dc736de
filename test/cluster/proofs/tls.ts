import { once } from 'node:events'
import { connect } from 'node:tls'
import type { Certificates } from '../../support/certificates.ts'
import { eventually } from '../../support/eventually.ts'
import { installChart } from '../support/install-chart.ts'
import type { Kubectl } from '../support/kubectl.ts'
import type { Step } from '../support/run-step.ts'
import { readyPods, type Stage } from '../support/stage.ts'
import { applyTlsSecrets } from '../support/tls-secrets.ts'
import { baseValues } from '../support/values.ts'

/** Callers without Envoy have no certificates. */
const withTls = () => ({ ...baseValues(), proxyless: { enabled: false } })
const enabled = { enabled: true }

/** Steps with certificates of one authority: TLS is switched on, and certificates are renewed. */
export async function tlsSteps(certificates: Certificates): Promise<[on: Step, renewed: Step]> {
  const authority = await certificates.authority('authority')
  const issue = (kubectl: Kubectl): Promise<void> => applyTlsSecrets(kubectl, certificates, authority)
  const on: Step = {
    name: 'upgrade-tls',
    title: 'TLS between Envoy and pods is switched on without a lost call',
    kind: 'graceful',
    untimed: 'pods with TLS wait for an Envoy with TLS',
    callers: ['envoy'],
    prepare: ({ kubectl }) => issue(kubectl),
    // For a while there are Envoys and pods of either kind: those that do not understand each other find each other unhealthy.
    act: async ({ kubectl }, mark) => {
      mark('helm upgrade: tls.pods.enabled=true')
      await installChart(kubectl, { ...withTls(), tls: { pods: enabled } })
      mark('it is installed')
    },
  }
  const renewed: Step = {
    name: 'renew-certificates',
    title: 'every certificate is renewed without a lost call',
    kind: 'graceful',
    nodesAtHand: true,
    callers: ['tls'],
    prepare: async ({ kubectl }) => {
      await installChart(kubectl, { ...withTls(), tls: { pods: enabled, callers: enabled } })
    },
    act: async (stage, mark) => {
      const before = await servedCertificates(stage)
      mark('new certificates in the Secrets')
      await issue(stage.kubectl)
      // The kubelet looks after Secrets about once a minute.
      await eventually(() => expectOthers(stage, before), { withinMs: 180_000, everyMs: 2000 })
      mark('all pods serve them')
    },
  }
  return [on, renewed]
}

/** Fingerprints of what each pod of the service and of Envoy shows to who connects, by its address. */
async function servedCertificates(stage: Stage): Promise<Map<string, string>> {
  const ports = { service: 50_051, envoy: 8080 }
  const served = Object.entries(ports).map(async ([component, port]) => {
    const pods = await readyPods(stage, component)
    return Promise.all(
      pods.map(
        async ({ status: { podIP = '' } }): Promise<[string, string]> => [podIP, await fingerprintAt(podIP, port)],
      ),
    )
  })
  return new Map((await Promise.all(served)).flat())
}

async function fingerprintAt(host: string, port: number): Promise<string> {
  const socket = connect({ host, port, ALPNProtocols: ['h2'], rejectUnauthorized: false, timeout: 5000 })
  try {
    await once(socket, 'secureConnect')
    return socket.getPeerCertificate().fingerprint256
  } finally {
    socket.destroy()
  }
}

async function expectOthers(stage: Stage, before: ReadonlyMap<string, string>): Promise<void> {
  const now = await servedCertificates(stage)
  const old = [...now].filter(([address, fingerprint]) => before.get(address) === fingerprint)
  if (old.length > 0) throw new Error(`${old.map(([address]) => address).join(', ')} still serve the old certificate`)
}
