import { after } from 'node:test'

/** Resources that a test process has by itself. */
const ownResources = /^(PipeWrap|TTYWrap|Immediate|CloseReq|Timeout)$/

// Loaded before every test file: a server, socket, thread or process that is left open fails the file that left it.
after(async () => {
  // Handles that were closed in the last test are gone one turn later.
  await new Promise((resolve) => setImmediate(resolve))
  const left = process.getActiveResourcesInfo().filter((resource) => !ownResources.test(resource))
  if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`)
})
