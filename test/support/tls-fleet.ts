import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChannelCredentials, credentials } from '@grpc/grpc-js'
import type { Service } from '../../chassis/serve.ts'
import type { EnvoyConfigOptions } from '../../envoy/config.ts'
import { hold } from '../../examples/hold/workload.ts'
import { type CertificateFiles, type Certificates, makeCertificates, pemsOf } from './certificates.ts'
import { startTestEnvoy, type TestEnvoy } from './envoy.ts'
import { type MountedSecret, mountSecret } from './mounted-secret.ts'
import { startService } from './service.ts'
import { watchedTls } from './watched-tls.ts'

/** Who is who in a fleet with TLS on both sides of Envoy. */
export const names = { caller: 'caller.test', entrance: 'entrance.test', envoy: 'envoy.test', replica: 'replica.test' }

/** The side of a connection that a Secret is for. */
export type Side = 'entrance' | 'envoy' | 'replica'

/** Two replicas behind Envoy, whose certificates are mounted as the kubelet mounts Secrets. */
export interface TlsFleet extends AsyncDisposable {
  made: Certificates
  /** Who signs callers and entrance at first, and who signs Envoy and replicas. */
  authorities: { outside: CertificateFiles; inside: CertificateFiles }
  envoy: TestEnvoy
  replicas: readonly Service[]
  /** Gives a side a new certificate, and authorities to believe, as one change of its Secret; resolves to the certificate. */
  renew(side: Side, secret: SecretContent): Promise<Buffer>
  /** What a caller connects with. */
  callerCredentials(options?: CallerOptions): Promise<ChannelCredentials>
}

/** Who signs the certificate of a Secret, and who is believed by whoever has it. */
export interface SecretContent {
  signer: CertificateFiles
  believed: readonly CertificateFiles[]
}

/** Who a caller is; unless said, one that is let in. */
export interface CallerOptions {
  name?: string
  signer?: CertificateFiles
  /** Whom it believes. */
  believed?: CertificateFiles
}

/** What to get wrong, and what else Envoy is told. */
export interface TlsFleetOptions {
  /** Names that the other side asks for. */
  asked?: Partial<typeof names>
  /** Envoy connects to replicas without TLS. */
  plainReplicas?: boolean
  /** Replica `two` speaks no TLS: somebody is switching it on. */
  mixedReplicas?: boolean
  config?: Pick<EnvoyConfigOptions, 'maxConnectionSeconds'>
}

/** Starts such a fleet. */
export async function startTlsFleet({
  asked = {},
  plainReplicas = false,
  mixedReplicas = false,
  config = {},
}: TlsFleetOptions = {}): Promise<TlsFleet> {
  await using opened = new AsyncDisposableStack()
  const made = opened.use(await makeCertificates())
  const [outside, inside] = [await made.authority('outside'), await made.authority('inside')]
  const wanted = { ...names, ...asked }
  const sides: Record<Side, MountedSecret> = {
    entrance: await mount(made, 'entrance', outside),
    envoy: await mount(made, 'envoy', inside),
    replica: await mount(made, 'replica', inside),
  }
  const settings = tlsSettings(sides.replica.path, wanted.envoy)
  const replicas = [await start('one', settings), await start('two', mixedReplicas ? [] : settings)]
  for (const replica of replicas) opened.use(replica)
  const envoy = opened.use(
    await startTestEnvoy({
      endpoints: replicas.map(({ ports }) => ({ address: '127.0.0.1', port: ports.grpc })),
      config: {
        callerTls: await watchedTls(sides.entrance.path, [wanted.caller]),
        ...(plainReplicas ? {} : { replicaTls: await watchedTls(sides.envoy.path, [wanted.replica]) }),
        ...config,
      },
    }),
  )
  const parts = opened.move()
  return {
    made,
    authorities: { outside, inside },
    envoy,
    replicas,
    renew: async (side, content) => {
      const secret = await secretOf(made, side, content)
      await sides[side].replace(secret)
      return secret['tls.crt']
    },
    callerCredentials: async ({ name = names.caller, signer = outside, believed = outside } = {}) => {
      const { cert, key } = await pemsOf(await made.issue('caller', signer, `DNS:${name}`))
      return credentials.createSsl(await readFile(believed.certificate), key, cert)
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const start = (name: string, settings: string[]) => startService(hold, `--pod-name=${name}`, ...settings)

/** The settings of a replica whose Secret is mounted at `path`. */
function tlsSettings(path: string, callerName: string): string[] {
  const file = (name: string) => join(path, name)
  return [
    `--tls-certificate=${file('tls.crt')}`,
    `--tls-private-key=${file('tls.key')}`,
    `--tls-client-authorities=${file('ca.crt')}`,
    `--tls-client-names=${callerName}`,
  ]
}

async function mount(made: Certificates, side: Side, signer: CertificateFiles): Promise<MountedSecret> {
  return mountSecret(join(made.folder, `secret-${side}`), await secretOf(made, side, { signer, believed: [signer] }))
}

async function secretOf(
  made: Certificates,
  side: Side,
  { signer, believed }: SecretContent,
): Promise<{ 'tls.crt': Buffer; 'tls.key': Buffer; 'ca.crt': Buffer }> {
  const { cert, key } = await pemsOf(await made.issue(side, signer, `DNS:${names[side]}`))
  const authorities = await Promise.all(believed.map(({ certificate }) => readFile(certificate)))
  return { 'tls.crt': cert, 'tls.key': key, 'ca.crt': Buffer.concat(authorities) }
}
