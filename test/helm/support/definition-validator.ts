import { Ajv, type ErrorObject } from 'ajv'
import type { Definition } from './definitions.ts'
import type { KubernetesObject } from './rendering.ts'

/** Says what is wrong with an object; nothing where it is right, undefined where no definition knows its kind. */
export type Validate = (object: KubernetesObject) => string[] | undefined

/**
 * Validates by the schemas of definitions, as strictly as `kubectl --validate=strict`: unknown fields are wrong. Rules in CEL
 * (x-kubernetes-validations) are left to an API server.
 */
export function definitionValidator(definitions: readonly Definition[]): Validate {
  // Formats and x-kubernetes-* are no keywords of JSON schema.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const schemas = new Map(definitions.flatMap(schemasByKind))
  return (object) => {
    const { apiVersion, kind, metadata: _, ...rest } = object
    const schema = schemas.get(`${apiVersion} ${kind}`)
    if (schema === undefined) return undefined
    const validator = ajv.compile(closed(schema))
    // What every API server knows by itself is left out: not all definitions repeat it.
    return validator(rest) ? [] : (validator.errors ?? []).map(problem)
  }
}

function schemasByKind({ spec }: Definition): [string, Schema][] {
  const { group, names, versions } = spec
  return versions
    .filter(({ served }) => served)
    .map(({ name, schema }) => [`${group}/${name} ${names.kind}`, schema.openAPIV3Schema])
}

function problem({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`
}

type Schema = Record<string, unknown>

/** The schema with every object closed that lists its fields. */
function closed(schema: Schema): Schema {
  const { properties, items, additionalProperties, pattern } = schema
  const inside: Schema = {}
  // Patterns are those of Go, where `(?i)` holds to the end of its group.
  if (typeof pattern === 'string') inside['pattern'] = pattern.replace(/\(\?i\)(.*?)(\$?)$/, '(?i:$1)$2')
  if (isSchema(properties)) {
    inside['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, isSchema(field) ? closed(field) : field]),
    )
    if (additionalProperties === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true)
      inside['additionalProperties'] = false
  }
  if (isSchema(items)) inside['items'] = closed(items)
  if (isSchema(additionalProperties)) inside['additionalProperties'] = closed(additionalProperties)
  return { ...schema, ...inside }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
