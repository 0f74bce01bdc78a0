/**
 * Makes the JavaScript that is published, in dist/src: one file for each entry of package.json, and chunks for what they
 * share or load late. A program that imports the package loads it in half the time of 300 single modules.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import manifest from './package.json' with { type: 'json' };

/** Loaded by everybody, and of many modules of which most are not used. All other packages are imported as usual. */
const INLINED = ['zod', 'cockatiel'];

const sources = [manifest.exports, { bin: manifest.bin.sidecar }]
  .flatMap((paths) => Object.values(paths))
  .map((path) => (typeof path === 'string' ? path : path.default))
  .filter((path) => path.endsWith('.js'))
  .map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, '$2.ts'));

const packages = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

await rm('dist', { recursive: true, force: true });
const { outputFiles } = await build({
  write: false,
  entryPoints: sources,
  outbase: '.',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'src/chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  external: packages.filter((name) => !INLINED.includes(name)),
  logLevel: 'warning',
});

for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  // All that is code is escaped. One dash in a comment that is not Latin-1 would make V8 keep the whole file with two bytes
  // for each character.
  await writeFile(path, text.replaceAll(/\P{ASCII}/gu, '-'));
}

const licenses = INLINED.map(
  async (name) => `${name}\n\n${await readFile(`node_modules/${name}/LICENSE`, 'utf8')}`,
);
await writeFile('dist/licenses.txt', (await Promise.all(licenses)).join('\n\n'));
