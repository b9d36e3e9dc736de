/** What lies at the end of some steps: a key of an object, or in a list the number or the `name` of an item. */
export function pick(from: unknown, steps: readonly string[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined || typeof from !== 'object' || from === null) return step === undefined ? from : undefined
  if (!Array.isArray(from)) return pick((from as Record<string, unknown>)[step], rest)
  const items = from as { name?: string }[]
  return pick(/^\d+$/.test(step) ? items[Number(step)] : items.find(({ name }) => name === step), rest)
}
