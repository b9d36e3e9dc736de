/**
 * The names to ask for `name`, in order, as /etc/resolv.conf wants them: `node:dns` knows no search domains, and in Kubernetes a
 * short name means nothing without them. A name that ends in a dot is asked for as it is.
 */
export function searchNames(name: string, resolvConf: string): string[] {
  if (name.endsWith('.')) return [name]
  const domains =
    lastOf(resolvConf, /^[ \t]*(?:search|domain)[ \t]+(.+)$/gm)
      ?.trim()
      .split(/\s+/) ?? []
  const ndots = Number(lastOf(resolvConf, /^[ \t]*options\b.*\bndots:(\d+)/gm) ?? 1)
  const searched = domains.filter((domain) => domain !== '.').map((domain) => `${name}.${domain.replace(/\.$/, '')}`)
  return name.split('.').length > ndots ? [name, ...searched] : [...searched, name]
}

/** Of lines that contradict each other the last counts. */
function lastOf(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1]
}
