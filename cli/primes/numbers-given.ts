/** The numbers of a command line; `-` stands for those on standard input, separated by white space, read as they are used. */
export async function* numbersGiven(
  numbers: readonly string[],
  input: { readonly stdin: AsyncIterable<string | Buffer> },
): AsyncGenerator<string> {
  for (const number of numbers) {
    if (number === '-') yield* wordsOf(input.stdin)
    else yield number
  }
}

async function* wordsOf(input: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of input) {
    const words = (rest + String(chunk)).split(/\s+/)
    rest = words.pop() ?? ''
    for (const word of words) if (word !== '') yield word
  }
  if (rest !== '') yield rest
}
