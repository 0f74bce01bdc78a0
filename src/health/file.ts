import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SingleCheckConfig } from '../config/check-schema.js';
import { watchFile } from '../os/file-watch.js';
import type { Check, CheckedProcess } from './check.js';

/** Passes while a file is there. */
export function createFileCheck(
  { path }: Extract<SingleCheckConfig, { type: 'file' }>,
  { config }: CheckedProcess,
): Check {
  const file = resolve(config.process.cwd, path);
  return {
    name: `the file ${file}`,
    async run() {
      await stat(file).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new Error('it is not there') : error;
      });
    },
    watch: (changed) => watchFile(file, changed),
    close() {},
  };
}
