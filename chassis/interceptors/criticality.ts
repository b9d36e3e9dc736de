import { criticalityHeader, isCriticality } from '../admission/criticality.ts'
import { invalidArgument } from '../errors.ts'
import type { Call } from '../call.ts'

/** Reads whose share of the workers a call has. Any caller may say so: where that matters Envoy sets or removes the header. */
export function criticalityInterceptor(call: Call): undefined {
  const [said] = call.metadata.get(criticalityHeader)
  if (said === undefined || call.origin !== 'workload') return
  const text = String(said)
  if (isCriticality(text)) call.criticality = text
  else {
    const shown = JSON.stringify(text.slice(0, 20))
    call.fail(
      invalidArgument(criticalityHeader, `${shown} must be interactive or batch; without it a call is interactive`),
    )
  }
}
