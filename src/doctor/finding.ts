/** One thing that was looked at. */
export interface Finding {
  /** `note`: it works without, but less. */
  readonly level: 'ok' | 'note' | 'problem';
  /** What was found. */
  readonly text: string;
  /** What to do about it. */
  readonly advice: string | null;
}

export function ok(text: string): Finding {
  return { level: 'ok', text, advice: null };
}

export function note(text: string, advice: string): Finding {
  return { level: 'note', text, advice };
}

export function problem(text: string, advice: string): Finding {
  return { level: 'problem', text, advice };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
