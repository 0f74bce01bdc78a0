import * as z from 'zod';
import { checkSchema, readinessSchema, singleCheckSchema } from '../src/config/check-schema.js';
import { fleetConfigSchema } from '../src/config/fleet-schema.js';
import { sidecarConfigSchema } from '../src/config/schema.js';

/** The part of JSON Schema that the configuration uses. */
const node = z.object({
  $ref: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  const: z.json().optional(),
  default: z.json().optional(),
  enum: z.array(z.json()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  get items() {
    return node.optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
  get oneOf() {
    return z.array(node).optional();
  },
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), node]).optional();
  },
  get $defs() {
    return z.record(z.string(), node).optional();
  },
});

/** One node of the JSON Schema: a section or a key. */
export type ConfigSchemaNode = z.infer<typeof node>;

type JsonSchema = z.core.JSONSchema.BaseSchema;

// Checks stand at several places; with a name, each is written once.
nameDefinition(checkSchema, 'check');
nameDefinition(singleCheckSchema, 'singleCheck');
nameDefinition(readinessSchema, 'readinessCheck');
for (const option of checkSchema.options) {
  nameDefinition(option, `${z.toJSONSchema(option.shape.type).const}Check`);
}

/** The JSON Schema of a configuration file, for editors and for checks outside Node.js. */
export function configJsonSchema(): JsonSchema {
  return fileSchema(sidecarConfigSchema, {
    $id: 'urn:sidecar-machine:configuration',
    title: 'sidecar-machine configuration',
  });
}

/** That of a file with a fleet in it. */
export function fleetJsonSchema(): JsonSchema {
  return fileSchema(fleetConfigSchema, {
    $id: 'urn:sidecar-machine:fleet',
    title: 'sidecar-machine configuration of a fleet',
  });
}

function fileSchema(source: z.ZodType, names: { readonly $id: string; readonly title: string }): JsonSchema {
  const schema = z.toJSONSchema(source, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodUnion) dropOptions(zodSchema, jsonSchema);
      if (zodSchema instanceof z.ZodObject) dropKeys(zodSchema, jsonSchema);
    },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...names,
    ...schema,
  };
}

/** The same for reading, with what a program can give beside: its formats are `function` and `RegExp`. */
export function parseConfigSchema(): ConfigSchemaNode {
  const schema = z.toJSONSchema(sidecarConfigSchema, {
    io: 'input',
    unrepresentable: ({ zodSchema }) => {
      const isPattern = zodSchema instanceof z.ZodType && zodSchema.safeParse(/a/).success;
      return { format: isPattern ? 'RegExp' : 'function' };
    },
  });
  return node.parse(schema);
}

function nameDefinition(schema: z.ZodType, id: string): void {
  z.globalRegistry.add(schema, { ...schema.meta(), id });
}

/** What can't stand in a JSON file is left out of a union: what remains is its other options. */
function dropOptions(union: z.ZodUnion, jsonSchema: JsonSchema): void {
  const options = jsonSchema.anyOf ?? [];
  const left = options.filter((_, index) => !isUnrepresentable(union.options[index]));
  if (left.length === options.length) return;
  const [only, ...others] = left;
  if (only === undefined) throw new Error('A union has only options that JSON can not hold.');
  if (others.length > 0) {
    jsonSchema.anyOf = left;
    return;
  }
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, only);
}

/** A key that only a program can set is unknown in a JSON file. */
function dropKeys(object: z.ZodObject, { properties = {} }: JsonSchema): void {
  for (const [key, schema] of Object.entries(object.shape)) {
    if (isUnrepresentable(schema)) delete properties[key];
  }
}

/** Functions, and instances of classes. */
function isUnrepresentable(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional) return isUnrepresentable(schema.unwrap());
  return schema instanceof z.ZodCustom;
}
