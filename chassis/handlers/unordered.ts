/**
 * Answers inputs as each is decided, not in the order asked, with at most `limit` in flight: the next input is read only
 * while fewer wait for their decision or for their reader. Ends when the inputs have ended and all are answered; throws the
 * first error of an input or a decision.
 */
export async function* unordered<Input, Output>(
  inputs: AsyncIterable<Input>,
  limit: number,
  decide: (input: Input) => Promise<Output>,
): AsyncGenerator<Output> {
  const iterator = inputs[Symbol.asyncIterator]()
  const decided: Output[] = []
  let inFlight = 0
  let reading = false
  let ended = false
  let failure: { error: unknown } | undefined
  let wake: () => void = () => {}

  const fail = (error: unknown): void => {
    failure ??= { error }
    wake()
  }
  const start = (input: Input): void => {
    inFlight += 1
    decide(input).then((output) => {
      decided.push(output)
      wake()
    }, fail)
  }
  const readOn = async (): Promise<void> => {
    reading = true
    while (!ended && failure === undefined && inFlight < limit) {
      const next = await iterator.next()
      if (next.done) ended = true
      else start(next.value)
    }
    reading = false
    wake()
  }

  try {
    for (;;) {
      if (failure) throw failure.error
      if (!reading && !ended && inFlight < limit) readOn().catch(fail)
      const output = decided.shift()
      if (output !== undefined) {
        yield output
        inFlight -= 1
      } else if (ended && inFlight === 0) {
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    // Not awaited: an input that never comes must not hold the end of the call.
    void iterator.return?.()
  }
}
