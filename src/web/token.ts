import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Nobody guesses it. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** In a time that does not tell how much of it was right. */
export function isToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
