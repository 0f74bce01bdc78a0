import { createRequire } from 'node:module';
import { isRecord } from '../config/is-record.js';

/** The version of this package. */
export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('sidecar-machine/package.json');
  return isRecord(manifest) ? String(manifest['version']) : 'unknown';
}
