import * as z from 'zod';

/** What every endpoint of a Forst server answers, but for the rows of a stream. */
export const answerSchema = z.object({
  success: z.boolean(),
  result: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.string().optional(),
  errorValue: z
    .object({
      tag: z.string(),
      payload: z.unknown().optional(),
      message: z.string().optional(),
    })
    .optional(),
  reloading: z.boolean().optional(),
});

export type ForstAnswer = z.output<typeof answerSchema>;

/** One line of a stream: a value, a status, or what went wrong. */
export const rowSchema = z.object({
  data: z.unknown().optional(),
  error: z.string().optional(),
});

export const challengeSchema = z.object({ nonce: z.string().min(1), generation: z.int() });

const text = z.string().optional();

export const functionsSchema = z.array(
  z.object({
    package: z.string(),
    name: z.string(),
    supportsStreaming: z.boolean().optional(),
    inputType: text,
    outputType: text,
    parameters: z.array(z.object({ name: z.string(), type: z.string() })).nullish(),
    returnType: text,
    filePath: text,
  }),
);

/** A function that a Forst server can call. What the server did not tell is left out. */
export type ForstFunction = z.output<typeof functionsSchema>[number];

export const versionSchema = z.object({
  version: z.string(),
  commit: text,
  date: text,
  contractVersion: text,
  runtime: text,
});

/** What a Forst server says it is. What it did not tell is left out. */
export type ForstVersion = z.output<typeof versionSchema>;

/** Null when the text is nothing that Forst answers. */
export function parseAnswer(body: string): ForstAnswer | null {
  return answerSchema.safeParse(parseJson(body)).data ?? null;
}

/** The JSON of a text; undefined when it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
