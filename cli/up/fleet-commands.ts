import type { Fleet } from '../../deploy/local/fleet.ts'

/** What may be typed while a fleet runs. */
export const fleetHelp =
  'Type + or - to add or remove a replica, restart to replace all one by one, kill NAME, list, or quit.'

/** Acts on one typed line. Resolves to what is to be said, or to `quit`. Rejects for a name that does not exist. */
export async function fleetCommand(fleet: Fleet, line: string): Promise<string> {
  const [word = '', name] = line.trim().split(/\s+/)
  switch (word) {
    case '':
      return ''
    case '+':
      return `${(await fleet.add()).name} was added`
    case '-':
      await fleet.remove(name)
      return `${fleet.replicas.length} replicas are left`
    case 'restart':
      await fleet.restart()
      return 'every replica was replaced'
    case 'kill':
      return kill(fleet, name)
    case 'list':
      return list(fleet)
    case 'quit':
      return 'quit'
    default:
      return `${word}: no such command. ${fleetHelp}`
  }
}

function kill(fleet: Fleet, name: string | undefined): string {
  const replica = fleet.replicas.find((candidate) => candidate.name === name)
  if (!replica) return `kill ${name ?? ''}: there are ${fleet.replicas.map((other) => other.name).join(', ')}`
  replica.kill('SIGKILL')
  return `${replica.name} was killed`
}

function list(fleet: Fleet): string {
  return fleet.replicas
    .map(({ name, pid, endpoint }) => `${name}  pid ${pid}  ${endpoint.address}:${endpoint.port}`)
    .join('\n')
}
