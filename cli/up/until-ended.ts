import { createInterface } from 'node:readline'
import type { Fleet } from '../../deploy/local/fleet.ts'
import type { Front } from '../../deploy/local/front.ts'
import { CommandError } from '../command-error.ts'
import type { CommandRun } from '../run-command.ts'
import { fleetCommand } from './fleet-commands.ts'
import type { Print } from './up-options.ts'

/** A fleet that runs. */
export interface RunningFleet {
  run: CommandRun
  fleet: Fleet
  front: Front | undefined
  print: Print
}

/** Waits for a signal, `quit`, or the end of Envoy; acts on what is typed meanwhile, one line after the other. */
export async function untilEnded({ run, fleet, front, print }: RunningFleet): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const onSignal = (): void => ended.resolve()
  if (run.signal.aborted) onSignal()
  run.signal.addEventListener('abort', onSignal, { once: true })
  void front?.ended.then(({ code, signal }) => {
    if (!run.signal.aborted)
      ended.reject(new CommandError(`Envoy ended (${signal ?? `exit code ${code}`}); see its lines above`))
  })
  const lines = createInterface({ input: run.stdin })
  let busy = Promise.resolve()
  lines.on('line', (line) => {
    busy = busy
      .then(() => fleetCommand(fleet, line))
      .then((said) => {
        if (said === 'quit') ended.resolve()
        else if (said !== '') print('fleet', said)
      })
      .catch((error: Error) => print('fleet', error.message))
  })
  try {
    await ended.promise
  } finally {
    lines.close()
    run.stdin.destroy()
  }
}
