import { Listener } from '../../gen/xds/envoy/config/listener/v3/listener.ts'
import { Router } from '../../gen/xds/envoy/extensions/filters/http/router/v3/router.ts'
import { HttpConnectionManager } from '../../gen/xds/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import { anyOf } from './any.ts'
import { fromThisServer } from './config-source.ts'
import { Resource } from './resource.ts'

const filters = 'envoy.extensions.filters'

/**
 * What a caller asks for first: `xds:///NAME` is the listener NAME. It has no idle timeout on purpose: grpc-js takes that for the
 * timeout of every call.
 */
export function listenerResource(service: string): Resource {
  const router = anyOf(`${filters}.http.router.v3.Router`, Router, Router.create())
  const manager = HttpConnectionManager.create({
    statPrefix: service,
    routeSpecifier: { $case: 'rds', value: { routeConfigName: service, configSource: fromThisServer } },
    httpFilters: [{ name: 'envoy.filters.http.router', configType: { $case: 'typedConfig', value: router } }],
  })
  const apiListener = anyOf(
    `${filters}.network.http_connection_manager.v3.HttpConnectionManager`,
    HttpConnectionManager,
    manager,
  )
  const listener = Listener.create({ name: service, apiListener: { apiListener } })
  return new Resource('listener', service, {
    value: Listener.encode(listener).finish(),
    references: [{ type: 'route', name: service }],
  })
}
