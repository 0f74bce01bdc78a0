import * as z from 'zod';
import { count, nonEmptyText } from './values.js';

export const logSchema = z
  .strictObject({
    file: nonEmptyText.describe(
      'File that each line of the sidecar is appended to, with its time, pid and stream. Its folder is made when it is missing.',
    ),
    maxBytes: count
      .min(4096)
      .default(10_485_760)
      .describe('Size at which the file is set aside as `<file>.1` and a new one begun, in bytes.'),
    files: z
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .describe('How many files are kept, the one that is written to included; the oldest is removed.'),
  })
  .describe('Keeps what the sidecar prints in a file. Secrets are taken out of it.');

/** Names of further secrets. */
export const redactSchema = z
  .array(nonEmptyText)
  .default([])
  .describe(
    'Further names of environment variables, arguments and JSON fields whose values are secret, in which `*` stands for any text; what is called like a token, secret, password, key or credential is one without being listed.',
  );

export type LogConfig = z.output<typeof logSchema>;
