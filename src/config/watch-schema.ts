import * as z from 'zod';
import { milliseconds, nonEmptyText } from './values.js';

export const watchSchema = z
  .strictObject({
    paths: z
      .array(nonEmptyText)
      .default([])
      .describe(
        'Globs of the sources, as in `compile.inputs`, which they are by default. What the compiler writes (`compile.outputs`), `node_modules` and `.git` are never among them.',
      ),
    ignore: z.array(nonEmptyText).default([]).describe('Globs of what is none of them nevertheless.'),
    cwd: nonEmptyText
      .default('.')
      .describe('Folder that the globs are relative to; by default `compile.cwd`.'),
    delay: milliseconds
      .default(200)
      .describe(
        'How long nothing may be saved before it is reloaded, in milliseconds, so that many files saved at once are one reload.',
      ),
  })
  .describe(
    'For development: reloads the sidecar when a source is saved. It is compiled while the old process serves on, which is replaced only if that worked.',
  );

export type WatchConfig = z.output<typeof watchSchema>;

/** The section with what it takes over from the compile step. */
export function withCompiledSources(
  watch: Readonly<Record<string, unknown>>,
  compile: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { inputs, cwd } = compile;
  return { ...(inputs !== undefined && { paths: inputs }), ...(cwd !== undefined && { cwd }), ...watch };
}
