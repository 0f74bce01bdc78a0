import { configExamples } from './config-examples.js';
import type { ConfigSchemaNode } from './config-schema.js';

/** The reference page of the configuration, made from its JSON Schema. */
export function writeConfigReference(schema: ConfigSchemaNode): string {
  const entries = Object.entries(schema.properties ?? {}).filter(([key]) => key !== '$schema');
  const sections = entries.filter(([, node]) => isSection(node));
  const single = entries.filter(([, node]) => !isSection(node));
  const index = sections.map(([key]) => `[\`${key}\`](#${key.toLowerCase()})`).join(', ');
  const required = schema.required ?? [];
  return `# Configuration

Made from the schema in \`src/config/schema.ts\` by \`npm run generate\`; do not edit.

Only \`process.command\` is required. Keys that are not listed here are errors, and so are values out of range, or
that contradict each other: all problems of a configuration are told at once, before anything is started. Times are
whole milliseconds, at most ${LONGEST_TIMER} (the longest delay that a Node.js timer can hold).

A configuration file in JSON can name its schema, \`schema/sidecar.config.schema.json\`, as \`$schema\`; editors then
complete and check it. What only a TypeScript or JavaScript file can hold, a function or a \`RegExp\`, is not in that
schema.

## Common needs

${configExamples.map(writeExample).join('\n\n')}

## Top level

Sections: ${index}. [What a check is](#checks) follows them. Beside the sections:

${keyTable(single, required)}

${sections.map(([key, node]) => writeSection(key, node, required)).join('\n\n')}

${writeChecks(schema.$defs ?? {})}
`;
}

const LONGEST_TIMER = 2_147_483_647;

function writeExample({ need, config }: (typeof configExamples)[number]): string {
  const code = `import { defineConfig } from 'sidecar-machine';\n\nexport default defineConfig(${config});`;
  return `${need}:\n\n\`\`\`ts\n${code}\n\`\`\``;
}

function writeSection(name: string, section: ConfigSchemaNode, required: readonly string[]): string {
  const presence = required.includes(name) ? ' Required.' : '';
  const heading = `## ${name}\n\n${section.description ?? ''}${presence}`;
  if (section.oneOf === undefined) return `${heading}\n\n${propertyTable(section)}`;
  const [discriminator = ''] = discriminators(section.oneOf);
  const variants = section.oneOf.map((variant) => writeVariant(variant, discriminator));
  return [`${heading} Leave it out otherwise.`, ...variants].join('\n\n');
}

/** A section has keys, or is one of several that have. */
function isSection({ properties, oneOf }: ConfigSchemaNode): boolean {
  return properties !== undefined || oneOf !== undefined;
}

const CHECKS = `## Checks

A check is an object whose \`type\` says what is asked; without a \`type\` it is an \`http\` check. It stands in
\`healthCheck.startup\`, \`liveness\` or \`readiness\`. A check that could not pass with the \`transport\`, such as
\`ipc\` beside \`http\`, is an error.`;

function writeChecks(definitions: Readonly<Record<string, ConfigSchemaNode>>): string {
  const kinds = (definitions['check']?.oneOf ?? []).map((each) => resolve(each, definitions));
  const [readiness] = definitions['readinessCheck']?.oneOf ?? [];
  const [plain] = kinds;
  const pacing = Object.entries(readiness?.properties ?? {}).filter(
    ([key]) => !(key in (plain?.properties ?? {})),
  );
  return [
    CHECKS,
    'In `healthCheck.readiness`, each kind has these keys, too:',
    keyTable(pacing, []),
    ...kinds.map((kind) => writeVariant(kind, 'type')),
  ].join('\n\n');
}

/** One member of a union, by the constant that it is known by. */
function writeVariant(variant: ConfigSchemaNode, discriminator: string): string {
  const { [discriminator]: kind, ...others } = variant.properties ?? {};
  const heading = `### ${discriminator}: ${code(kind?.const)}\n\n${variant.description ?? ''}`;
  const keys = Object.entries(others);
  return keys.length === 0
    ? `${heading} It has no other keys.`
    : `${heading}\n\n${keyTable(keys, variant.required ?? [])}`;
}

/** The keys that are a constant in each member. */
function discriminators(members: readonly ConfigSchemaNode[]): string[] {
  const [first, ...others] = members;
  return Object.keys(first?.properties ?? {}).filter((key) =>
    others.every(({ properties }) => properties?.[key]?.const !== undefined),
  );
}

function resolve(
  node: ConfigSchemaNode,
  definitions: Readonly<Record<string, ConfigSchemaNode>>,
): ConfigSchemaNode {
  return definitions[node.$ref?.replace('#/$defs/', '') ?? ''] ?? node;
}

function propertyTable({ properties = {}, required = [] }: ConfigSchemaNode): string {
  return keyTable(Object.entries(properties), required);
}

type KeyEntry = readonly [key: string, node: ConfigSchemaNode];

function keyTable(keys: readonly KeyEntry[], required: readonly string[]): string {
  const rows = keys.flatMap(withInnerKeys).map(([key, node]) => {
    const cells = [
      `\`${key}\``,
      typeText(node),
      defaultText(node, required.includes(key)),
      node.description ?? '',
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| Key | Type | Default | Description |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** A key whose value has keys itself is followed by them. */
function withInnerKeys([key, node]: KeyEntry): KeyEntry[] {
  const inner = [node, ...(node.anyOf ?? [])].flatMap(({ properties = {} }) => Object.entries(properties));
  return [[key, node], ...inner.map(([name, each]): KeyEntry => [`${key}.${name}`, each])];
}

function typeText(node: ConfigSchemaNode): string {
  if (node.$ref !== undefined) return '[check](#checks)';
  if (node.enum !== undefined) return node.enum.map((value) => code(value)).join(', ');
  if (node.anyOf !== undefined) return node.anyOf.map(typeText).join(' or ');
  if (node.type === 'array') return `list of ${plural(node.items)}`;
  if (node.properties !== undefined) return 'object';
  if (node.type === 'object') return `object of ${plural(valuesOf(node))}`;
  if (node.type === 'null') return '`null`';
  return [typeNames(node), rangeText(node)].filter((part) => part !== '').join(' ');
}

function typeNames({ type, format = 'any' }: ConfigSchemaNode): string {
  if (type !== undefined) return [type].flat().join(' or ');
  return format === 'RegExp' ? code(format) : format;
}

function valuesOf({ additionalProperties }: ConfigSchemaNode): ConfigSchemaNode | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function plural(node: ConfigSchemaNode | undefined): string {
  if (node?.$ref !== undefined) return '[checks](#checks)';
  const types = [node?.type ?? 'value'].flat();
  const text = types.map((type) => (type === 'null' ? '`null`' : `${type}s`)).join(' or ');
  return node === undefined ? text : [text, rangeText(node)].filter((part) => part !== '').join(' ');
}

function rangeText({ minimum, exclusiveMinimum, maximum }: ConfigSchemaNode): string {
  // The page names the longest timer once; repeated in each row it would hide the ranges that differ.
  const isBounded = maximum !== undefined && maximum !== LONGEST_TIMER && maximum !== Number.MAX_SAFE_INTEGER;
  if (minimum !== undefined && isBounded) return `${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return `> ${exclusiveMinimum}`;
  if (minimum !== undefined) return `≥ ${minimum}`;
  return isBounded ? `≤ ${maximum}` : '';
}

function defaultText(node: ConfigSchemaNode, isRequired: boolean): string {
  if (isRequired) return '**required**';
  const { default: value } = [node, ...(node.anyOf ?? [])].find(hasDefault) ?? {};
  if (value === undefined) return 'none';
  // People write file modes in octal.
  const isFileMode = node.maximum === 0o777 && typeof value === 'number';
  return isFileMode ? `\`0o${value.toString(8)}\` (${value})` : code(value);
}

function hasDefault(node: ConfigSchemaNode): boolean {
  return node.default !== undefined;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
}
