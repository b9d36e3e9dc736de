import { publishOrder, type ResourceSet, type ResourceType, typeUrls } from './resource.ts'

/** One sentence for each resource that names another which is not there: a subscriber would wait for it without end. */
export function missingReferences(of: (type: ResourceType) => ResourceSet): string[] {
  const all = publishOrder.flatMap((type) => [...of(type).byName.values()])
  return all.flatMap(({ type, name, references }) =>
    references
      .filter((reference) => !of(reference.type).byName.has(reference.name))
      .map(
        (reference) =>
          `${type} ${name} names ${reference.type} ${reference.name} (${typeUrls[reference.type]}), which is missing`,
      ),
  )
}
