import { createSocket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { type DecodedPacket, decode, encode } from 'dns-packet'

/** What is answered to a question: records, a code such as NXDOMAIN, or nothing at all. */
export type DnsAnswer = { ttl: number; addresses: string[] } | { code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' } | 'silence'

/** A name server on 127.0.0.1 that answers as it is told. */
export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  address: string
  /** Answers by `A name` or `AAAA name`; what is missing is NXDOMAIN. */
  answers: Map<string, DnsAnswer>
  /** Questions so far, as `A name`. */
  questions: string[]
  /** The next question that begins with `start`. */
  asked(start: string): Promise<void>
}

const codes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 }

/** Starts a name server that knows nothing yet. */
export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const answers = new Map<string, DnsAnswer>()
  const questions: string[] = []
  const heard = new EventEmitter()
  socket.on('message', (message, { port, address }) => {
    const packet = decode(message)
    const [{ type, name } = { type: 'A', name: '' }] = packet.questions ?? []
    const question = `${type} ${name.toLowerCase()}`
    questions.push(question)
    const answer = answers.get(question) ?? { code: 'NXDOMAIN' }
    if (answer !== 'silence') socket.send(reply(packet, answer), port, address)
    heard.emit('question', question)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    answers,
    questions,
    asked: async (start) => {
      for await (const [question] of EventEmitter.on(heard, 'question', { signal: AbortSignal.timeout(20_000) })) {
        if (String(question).startsWith(start)) return
      }
    },
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function reply({ id, questions = [] }: DecodedPacket, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const [{ type, name } = { type: 'A' as const, name: '' }] = questions
  const records = 'code' in answer ? [] : answer.addresses
  const ttl = 'code' in answer ? 0 : answer.ttl
  return encode({
    type: 'response',
    ...(id === undefined ? {} : { id }),
    flags: 'code' in answer ? codes[answer.code] : 0,
    questions,
    answers: records.map((data) => ({ type: type === 'AAAA' ? 'AAAA' : 'A', name, ttl, data })),
  })
}
