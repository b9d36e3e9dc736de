import { type FromBackend, startBackend } from './backend.ts'

// The process of `forkBackend`: a backend that reports its port, then how many calls it holds.
const [, , name = '', behaviour = '{}'] = process.argv
const backend = await startBackend(name, JSON.parse(behaviour))
const tell = (message: FromBackend) => process.send?.(message)

backend.onChange(() => tell({ inFlight: backend.inFlight }))
process.on('message', () => {
  backend.behave({})
  backend.release()
})
process.on('disconnect', () => process.exit())
tell({ port: backend.endpoint.port })
