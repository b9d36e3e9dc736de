import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

/** Resources that a test process has by itself. */
const ownResources = /^(PipeWrap|TTYWrap|Immediate|CloseReq|Timeout)$/

// Loaded before every test file: a server, socket, thread or process that is left open fails the file that left it.
after(async () => {
  // Handles that the last test closed are gone some turns later; what is left after a second was left open.
  const giveUpAt = performance.now() + 1000
  while (leftOpen().length > 0 && performance.now() < giveUpAt) await delay(10)
  if (leftOpen().length === 0) return
  // What is open keeps the process alive: it is ended once the failure is reported.
  setTimeout(() => process.exit(1), 2000).unref()
  throw new Error(`left open: ${leftOpen().join(', ')}`)
})

function leftOpen(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => !ownResources.test(resource))
}
