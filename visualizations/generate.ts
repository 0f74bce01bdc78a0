import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generated-files.js';

const root = join(import.meta.dirname, '..');
const readme = await readFile(join(root, 'README.md'), 'utf8').catch(() => null);

for (const [path, content] of generatedFiles(readme)) {
  const file = join(root, path);
  const present = await readFile(file, 'utf8').catch(() => null);
  if (present === content) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  console.log(`wrote ${path}`);
}
