import * as z from 'zod';

export const journalSchema = z
  .union(
    [
      z.literal(false),
      z.strictObject({
        maxBytes: z
          .int()
          .min(262_144)
          .default(1_048_576)
          .describe(
            'Size at which the file is set aside as `journal.jsonl.1` and a new one begun, in bytes.',
          ),
        files: z
          .int()
          .min(1)
          .max(1000)
          .default(4)
          .describe('How many files are kept, the one that is written to included; the oldest is removed.'),
      }),
    ],
    { error: 'must be an object or false' },
  )
  .default({ maxBytes: 1_048_576, files: 4 })
  .describe(
    'Writes down what happens to the sidecar in `journal.jsonl` in `stateDirectory`, if there is one. `false`: does not.',
  );

export type JournalConfig = Exclude<z.output<typeof journalSchema>, false>;
