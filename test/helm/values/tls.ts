import type { ValueCases } from './value-case.ts'

const transport = 'static_resources listeners grpc filter_chains 0 transport_socket typed_config'
const validation = 'common_tls_context combined_validation_context'
const authorities = `${validation} validation_context_sds_secret_config`
const volumes = (deployment: string) => `Deployment/${deployment} spec template spec volumes`
const callers = { 'tls.callers': { enabled: true } }
const pods = { 'tls.pods': { enabled: true } }
const issuer = { name: 'own', kind: 'Issuer' }

/** What the values below `tls` do. */
export const tlsCases: ValueCases = {
  'tls.callers.enabled': {
    says: 'true has Envoy show a certificate to callers',
    set: true,
    at: (rendering) => [
      rendering.inEnvoy(`${transport} common_tls_context tls_certificate_sds_secret_configs 0 name`),
      rendering.at(`${volumes('evenkeel-envoy')} callers-tls secret secretName`),
    ],
    is: ['callers', 'evenkeel-envoy-callers-tls'],
  },
  'tls.callers.secretName': {
    says: 'is the Secret that Envoy and the tests of the release mount',
    set: 'mine',
    given: callers,
    at: (rendering) => [
      rendering.at(`${volumes('evenkeel-envoy')} callers-tls secret secretName`),
      rendering.at('Pod/evenkeel-test-call spec volumes tls secret secretName'),
    ],
    is: ['mine', 'mine'],
  },
  'tls.callers.requireClientCertificate': {
    says: 'true turns callers without a certificate away, but not the tests of the release',
    set: true,
    given: { 'tls.callers': { enabled: true, issuerRef: issuer } },
    at: (rendering) => [
      rendering.inEnvoy(`${transport} require_client_certificate`),
      rendering.inEnvoy(`${transport} ${authorities} name`),
      typeof rendering.at('ConfigMap/evenkeel-envoy data sds-callers-authorities.yaml'),
      rendering.at('Certificate/evenkeel-envoy-callers spec usages'),
      rendering.at('Pod/evenkeel-test-call spec containers call env EVENKEEL_TLS_PRIVATE_KEY value'),
    ],
    is: [true, 'callers-authorities', 'string', ['server auth', 'client auth'], '/etc/evenkeel/tls/tls.key'],
  },
  'tls.callers.clientNames': {
    says: "are who may call Envoy beside the tests of the release, which show Envoy's certificate",
    set: ['batch.shop.svc', 'spiffe://shop/batch', '10.0.0.7', 'fd00::7'],
    given: { 'tls.callers': { enabled: true, requireClientCertificate: true } },
    at: (rendering) =>
      rendering.inEnvoy(`${transport} ${validation} default_validation_context match_typed_subject_alt_names`),
    is: [
      { san_type: 'DNS', matcher: { exact: 'evenkeel-envoy.shop.svc' } },
      { san_type: 'DNS', matcher: { exact: 'batch.shop.svc' } },
      { san_type: 'URI', matcher: { exact: 'spiffe://shop/batch' } },
      { san_type: 'IP_ADDRESS', matcher: { exact: '10.0.0.7' } },
      { san_type: 'IP_ADDRESS', matcher: { exact: 'fd00::7' } },
    ],
  },
  'tls.callers.issuerRef': {
    says: "has cert-manager make Envoy's certificate for callers",
    set: issuer,
    given: callers,
    at: 'Certificate/evenkeel-envoy-callers spec issuerRef',
  },
  'tls.callers.dnsNames': {
    says: 'are further names in that certificate',
    set: ['api.example'],
    given: { 'tls.callers': { enabled: true, issuerRef: issuer } },
    at: 'Certificate/evenkeel-envoy-callers spec dnsNames 4',
    is: 'api.example',
  },
  'tls.pods.enabled': {
    says: 'true has Envoy and pods show each other certificates, and check their names',
    set: true,
    at: (rendering) => [
      rendering.inEnvoy('static_resources clusters replicas transport_socket typed_config sni'),
      rendering.at('Deployment/evenkeel spec template spec containers service env EVENKEEL_TLS_CLIENT_NAMES value'),
      // h2c is HTTP/2 without TLS.
      rendering.at('Service/evenkeel spec ports grpc appProtocol'),
    ],
    is: ['evenkeel.shop.svc', 'evenkeel-envoy.shop.svc', undefined],
  },
  'tls.pods.secretName': {
    says: 'is the Secret that pods mount',
    set: 'mine',
    given: pods,
    at: `${volumes('evenkeel')} tls secret secretName`,
  },
  'tls.pods.envoySecretName': {
    says: 'is the Secret that Envoy mounts',
    set: 'mine',
    given: pods,
    at: `${volumes('evenkeel-envoy')} pods-tls secret secretName`,
  },
  'tls.pods.issuerRef': {
    says: 'has cert-manager make the certificates of pods and Envoy',
    set: issuer,
    given: pods,
    at: (rendering) => [
      rendering.at('Certificate/evenkeel spec issuerRef'),
      rendering.at('Certificate/evenkeel-envoy spec issuerRef'),
    ],
    is: [issuer, issuer],
  },
  'tls.pods.clientNames': {
    says: "are who may call pods beside Envoy's name",
    set: ['batch.shop.svc'],
    given: pods,
    at: 'Deployment/evenkeel spec template spec containers service env EVENKEEL_TLS_CLIENT_NAMES value',
    is: 'evenkeel-envoy.shop.svc,batch.shop.svc',
  },
}
