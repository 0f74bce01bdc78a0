import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isRecord } from '../config/is-record.js';

/** What of this package the inspector is made of. */
export interface OwnPackage {
  readonly version: string;
  /** The folder that the page is built into; null where this file was taken out of its package, as by a bundler. */
  readonly pageFolder: string | null;
}

export function ownPackage(): OwnPackage {
  try {
    const path = createRequire(import.meta.url).resolve('sidecar-machine/package.json');
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return {
      version: isRecord(manifest) ? String(manifest['version']) : 'unknown',
      pageFolder: join(dirname(path), 'dist', 'inspector'),
    };
  } catch {
    // The socket does not need it.
    return { version: 'unknown', pageFolder: null };
  }
}
