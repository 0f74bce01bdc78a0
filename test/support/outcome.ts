import { within } from './within.js';

/** What a call came to: that it is done, or the error that it rejected with. A call that hangs fails the test. */
export async function outcome(
  call: Promise<unknown>,
  what = () => 'the call to settle',
): Promise<'done' | Error> {
  const settled = call.then(
    () => 'done' as const,
    (error: unknown) => (error instanceof Error ? error : new Error(`rejected with ${String(error)}`)),
  );
  return within(settled, what);
}

/** The error that a call rejects with. */
export async function rejection(call: Promise<unknown>, what?: () => string): Promise<Error> {
  const settled = await outcome(call, what);
  if (settled === 'done') throw new Error('The call was expected to reject, and resolved.');
  return settled;
}
