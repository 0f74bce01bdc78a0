import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sidecar-docs-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('every TypeScript block of the documentation type-checks', async () => {
  const blocks = (await Promise.all((await documents()).map(codeBlocks))).flat();
  expect(blocks.length).toBeGreaterThan(1);

  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await Promise.all(blocks.map(({ name, code }) => writeFile(join(folder, name), code)));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilerConfig(blocks)));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, code } = await run(process.execPath, [tsc, '-p', folder]).then(
    (result) => ({ ...result, code: 0 }),
    (error: { stdout: string; code: number }) => error,
  );
  expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
}, 120_000);

async function documents(): Promise<string[]> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
  const examples = await readdir(join(root, 'examples'));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'bench/README.md',
    ...docs.map((name) => join('docs', name)),
    ...examples.map((name) => join('examples', name, 'README.md')),
  ];
}

async function codeBlocks(path: string) {
  const text = await readFile(join(root, path), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => ({
    // A module each, so that their names don't meet; `path#index` is what an error names.
    name: `${path.replaceAll('/', '-')}-${index + 1}.ts`,
    code: `${code}\nexport {};\n`,
  }));
}

function compilerConfig(blocks: readonly { name: string }[]) {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noUnusedLocals: false,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [],
    files: blocks.map(({ name }) => join(folder, name)),
  };
}
