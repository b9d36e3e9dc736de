/**
 * Whether a path (`/package.Service/Method`) is that of a method in `names`: `package.Service` for all of a service, or
 * `package.Service/Method`. Throws for a name that is neither.
 */
export function idempotentMethods(names: readonly string[]): (path: string) => boolean {
  const wrong = names.find((name) => !/^[\w.]+(?:\/\w+)?$/.test(name))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no method; write package.Service or package.Service/Method`)
  const known = new Set(names)
  return (path) => known.has(path.slice(1)) || known.has(path.slice(1, path.lastIndexOf('/')))
}
