import type { Fleet } from '../../deploy/local/fleet.ts'

/** What may be typed while a fleet runs. */
export const fleetHelp =
  'Type + to add a replica, - or - NAME to remove one, restart to replace all one by one, kill NAME, list, help, or quit.'

/** How many words may follow each command: at least, at most. */
const words: Record<string, readonly [least: number, most: number]> = {
  '+': [0, 0],
  '-': [0, 1],
  restart: [0, 0],
  kill: [1, 1],
  list: [0, 0],
  help: [0, 0],
  quit: [0, 0],
}

/** Acts on one typed line. Resolves to what is to be said, or to `quit`. Rejects for a name that does not exist. */
export async function fleetCommand(fleet: Fleet, line: string): Promise<string> {
  const [word = '', ...names] = line.trim().split(/\s+/)
  if (word === '') return ''
  const [least, most] = (Object.hasOwn(words, word) && words[word]) || [0, -1]
  if (names.length < least || names.length > most) return `${line.trim()}: no such command. ${fleetHelp}`
  const [name] = names
  switch (word) {
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
      return fleetHelp
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
