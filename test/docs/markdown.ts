/** What stands under a heading of one level, up to the next of that level or above. Throws when there is no such heading. */
export function section(markdown: string, heading: string): string {
  const level = heading.split(' ')[0]?.length ?? 1
  const lines = markdown.split('\n')
  const start = lines.indexOf(heading)
  if (start < 0) throw new Error(`no heading "${heading}"`)
  const rest = lines.slice(start + 1)
  let inCode = false
  const end = rest.findIndex((line) => {
    if (line.startsWith('```')) inCode = !inCode
    return !inCode && new RegExp(`^#{1,${level}} `).test(line)
  })
  return rest.slice(0, end < 0 ? undefined : end).join('\n')
}

/** The rows of the tables in a piece of Markdown, without their heads, each as its trimmed cells. */
export function tableRows(markdown: string): string[][] {
  const lines = withoutCode(markdown)
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line))
  const rows = lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  const isRule = (cells: string[] | undefined): boolean => cells?.every((cell) => /^:?-+:?$/.test(cell)) ?? false
  return rows.filter((cells, at) => !isRule(cells) && !isRule(rows[at + 1]))
}

/** A fenced block: its language with what follows it, and its text. */
export interface CodeBlock {
  info: string
  text: string
}

/** The fenced blocks of a piece of Markdown, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }))
}

/** Markdown without its fenced blocks. */
export function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, '')
}

/** Texts in backticks, outside of fenced blocks. */
export function codeSpans(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)
}

/** Targets of links without those on the web, outside of fenced blocks. */
export function relativeLinks(markdown: string): string[] {
  const targets = [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

/** Anchors of the headings, as web pages of repositories make them. */
export function anchors(markdown: string): string[] {
  const headings = [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text)
  return headings.map((text) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
