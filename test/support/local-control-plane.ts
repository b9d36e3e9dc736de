import {
  type ControlPlaneOptions,
  type LocalControlPlane,
  startControlPlane,
} from '../../deploy/local/control-plane.ts'

/** A control plane on a free port that nobody reads the lines of. */
export function openControlPlane(options: Partial<ControlPlaneOptions> = {}): Promise<LocalControlPlane> {
  return startControlPlane({
    port: 0,
    balancing: 'least_request_full_scan',
    idempotent: true,
    environment: process.env,
    onLine: () => {},
    onCrash: () => {},
    ...options,
  })
}
