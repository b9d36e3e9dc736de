/** How much a caller minds to wait: `interactive`, somebody looks at it; `batch`, nobody does. */
export type Criticality = 'interactive' | 'batch'

/** The header by which a caller says it. Calls without it are interactive. */
export const criticalityHeader = 'evenkeel-criticality'

const criticalities: readonly string[] = ['interactive', 'batch'] satisfies Criticality[]

/** Whether a text is a criticality. */
export function isCriticality(text: string): text is Criticality {
  return criticalities.includes(text)
}
