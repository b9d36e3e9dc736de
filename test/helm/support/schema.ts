/** A schema of JSON, as far as that of the chart goes. */
export interface SchemaNode {
  type?: string | string[]
  enum?: string[]
  minimum?: number
  maximum?: number
  oneOf?: SchemaNode[]
  properties?: Record<string, SchemaNode>
  $ref?: string
}

/** The chart's schema, by paths of values. */
export class Schema {
  readonly #root: SchemaNode & { $defs: Record<string, SchemaNode> }

  constructor(text: string) {
    this.#root = JSON.parse(text)
  }

  /** What it says of a value; undefined when it knows none of that path. */
  at(path: string): SchemaNode | undefined {
    return path
      .split('.')
      .reduce<SchemaNode | undefined>((node, key) => this.#resolved(node?.properties?.[key]), this.#root)
  }

  /** Paths that have no others below them, or at which `stop` says so. */
  leaves(stop: (path: string) => boolean): string[] {
    const below = (node: SchemaNode | undefined, path: string): string[] => {
      const keys = Object.keys(node?.properties ?? {})
      if (keys.length === 0 || stop(path)) return [path]
      return keys.flatMap((key) => {
        const inner = path === '' ? key : `${path}.${key}`
        return below(this.at(inner), inner)
      })
    }
    return below(this.#root, '')
  }

  #resolved(node: SchemaNode | undefined): SchemaNode | undefined {
    const name = node?.$ref?.replace('#/$defs/', '')
    return name === undefined ? node : this.#root.$defs[name]
  }
}
