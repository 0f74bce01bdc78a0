import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../visualizations/generated-files.js';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => null);

const readme = await read('README.md');

describe('generated files', () => {
  it.each([...generatedFiles(readme)])('%s is what the generator would write now', async (path, content) => {
    const present = await read(path);
    expect(present?.replaceAll('\r\n', '\n'), `${path} is out of date: run npm run generate`).toBe(content);
  });
});
