import * as z from 'zod';

/** The longest delay that a Node.js timer can hold; a longer one would fire at once. */
export const MAX_TIMER = 2_147_483_647;

export const milliseconds = z.int().min(0).max(MAX_TIMER);
export const positiveMilliseconds = z.int().min(1).max(MAX_TIMER);
export const count = z.int().min(1);

/** `null` switches a limit off. */
export const limit = z.number().positive().nullable();

export const portNumber = z.int().min(0).max(65_535);

export const text = z
  .string()
  .refine((value) => !value.includes('\0'), { error: 'must not contain a NUL character', abort: true });
export const nonEmptyText = text.min(1, { error: 'must not be empty', abort: true });

export const hostName = z.string().regex(/^[A-Za-z0-9._:-]+$/, {
  error: 'must be a host name or a literal address, without brackets or zone',
});

/** The path of an HTTP request. */
export const requestPath = z.string().regex(/^\/[!-"$-~]*$/, {
  error: 'must be a path that starts with "/", percent-encoded where needed',
});

/** A regular expression, or its source. */
export const pattern = z.union(
  [
    nonEmptyText.refine(isPattern, { error: 'must be a regular expression', abort: true }),
    z.instanceof(RegExp),
  ],
  { error: 'must be a regular expression or its source' },
);

function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

/** Environment variables to add; `undefined` removes one that would be inherited. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const variableName = z
  .string()
  .regex(/^[^=\0]+$/, { error: 'must be the name of an environment variable' });

export const environmentVariables = z.record(variableName, text.optional());
