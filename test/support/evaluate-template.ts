/** A file of the chart as Helm evaluates it, for files that have nothing but `{{ .name | toJson }}`. Throws where a value is missing. */
export function evaluateTemplate(text: string, values: Record<string, unknown>): string {
  return text.replaceAll(/\{\{ \.(\w+) \| toJson \}\}/g, (_, name: string) => {
    if (!(name in values)) throw new Error(`the file wants ${name}, which has no value`)
    return JSON.stringify(values[name])
  })
}
