import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Two pipes, and one more by which the system tells whether the program could be executed. */
const NEEDED = 6;

/**
 * Why too few file descriptors are left to run a program with execa; null when there are enough. execa does not cope
 * with a spawn that runs out of them: it throws a TypeError, and the real error comes later as an 'error' event that
 * nobody hears, which ends the host. So it is found before.
 */
export function findDescriptorShortage(): { readonly code: string; readonly message: string } | null {
  const opened: number[] = [];
  try {
    while (opened.length < NEEDED) opened.push(openSync(devNull, 'r'));
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return { code, message: `no file descriptor is left (${code}); see ulimit -n` };
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
