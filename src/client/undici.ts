import { createRequire } from 'node:module';
import type * as Undici from 'undici';

let loaded: typeof Undici | null = null;

/**
 * undici, loaded with the first request: that takes tens of milliseconds, which a program without one need not pay.
 * At once, as `sidecar.dispatcher` is a property.
 */
export function undici(): typeof Undici {
  if (loaded !== null) return loaded;
  const required: typeof Undici = createRequire(import.meta.url)('undici');
  loaded = required;
  return required;
}
