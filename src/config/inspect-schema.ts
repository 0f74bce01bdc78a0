import * as z from 'zod';
import { nonEmptyText } from './values.js';

/** A shorter token can be guessed. */
const SHORTEST_TOKEN = 16;

export const inspectSchema = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        host: nonEmptyText
          .default('127.0.0.1')
          .describe('Where the inspector listens. Others than this machine get in only where you let them.'),
        port: z.int().min(0).max(65_535).default(0).describe('Its port; 0 takes a free one.'),
        token: z
          .string()
          .min(SHORTEST_TOKEN)
          .regex(/^[\w.~-]+$/, { error: 'must be letters, digits, ".", "_", "~" and "-"' })
          .optional()
          .describe('What its address ends with, and what it takes to look on; by default a random one.'),
        readOnly: z.boolean().default(false).describe('Show everything, and take no command.'),
        development: z
          .boolean()
          .default(false)
          .describe('Take any event of the chart, not only START, STOP, RESTART and RELOAD.'),
      }),
    ],
    { error: 'must be true, false or an object' },
  )
  .optional()
  .describe(
    'Serves a page that shows the statechart as it moves; its address is printed as the sidecar is started. Of `sidecar run` it is served unless this is `false`.',
  );

/** How a sidecar is shown. */
export interface InspectSettings {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
  readonly readOnly: boolean;
  readonly development: boolean;
}

const settings: InspectSettings = { host: '127.0.0.1', port: 0, readOnly: false, development: false };

/** What `inspect` comes to; null where nothing is to be shown. */
export function inspectSettings(inspect: z.output<typeof inspectSchema>): InspectSettings | null {
  if (inspect === undefined || inspect === false) return null;
  return inspect === true ? settings : inspect;
}
