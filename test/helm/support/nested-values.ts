import type { Values } from './render.ts'

/** Values by paths, as `{ 'a.b': 1 }`, as a values file nests them. What one path says is merged with what others say below it. */
export function nestedValues(byPath: Values): Values {
  return Object.entries(byPath).reduce<Values>(
    (values, [path, value]) =>
      merged(
        values,
        path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value),
      ) as Values,
    {},
  )
}

function merged(one: unknown, other: unknown): unknown {
  if (!isMap(one) || !isMap(other)) return other
  const both = Object.entries(other).map(([key, value]) => [key, merged(one[key], value)])
  return { ...one, ...Object.fromEntries(both) }
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
