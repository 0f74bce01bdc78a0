import { cp, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVER = fileURLToPath(new URL('../fixtures/server.mjs', import.meta.url));

/** What the tarball is made from. */
const INGREDIENTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'bundle.ts',
  'machines',
  'src',
  'visualizations/inspector',
  'schema',
  'monitoring',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

const INSTALL_TIMEOUT = 240_000;

let folder: string;
let files: readonly string[];
/** An empty project that has the tarball installed. */
let project: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sidecar-tarball-')));
  // A copy, so that nothing that lies in `dist` by chance is packed.
  const copy = join(folder, 'package');
  await Promise.all(INGREDIENTS.map((each) => cp(join(ROOT, each), join(copy, each), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await run(copy, 'npm', ['run', 'build']);
  const { stdout } = await run(copy, 'npm', ['pack', '--json', '--pack-destination', folder]);
  const [packed] = parsePacked(stdout);
  if (packed === undefined) throw new Error(`npm pack told nothing: ${stdout}`);
  files = packed.files.map(({ path }) => path);

  project = join(folder, 'project');
  await cp(join(ROOT, 'test/fixtures/empty-project'), project, { recursive: true });
  const tarball = join(folder, packed.filename);
  await run(project, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
}, INSTALL_TIMEOUT);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what a user needs and nothing else', () => {
    const needed = [
      /^package\.json$/,
      /^README\.md$/,
      /^LICENSE$/,
      /^CHANGELOG\.md$/,
      /^schema\/sidecar\.config\.schema\.json$/,
      /^schema\/fleet\.config\.schema\.json$/,
      /^monitoring\/sidecar\.(rules\.yml|dashboard\.json)$/,
      /^dist\/inspector\/(index\.html|licenses\.txt|assets\/[\w.-]+\.(js|css|svg))$/,
      /^dist\/licenses\.txt$/,
      /^dist\/src\/([a-z\d/-]+|chunks\/[\w-]+)\.js$/,
      /^dist\/(machines|src)\/[a-z\d/-]+(\.[a-z]+)?\.d\.ts$/,
    ];
    for (const pattern of needed) {
      expect(
        files.filter((file) => pattern.test(file)),
        String(pattern),
      ).not.toEqual([]);
    }
    expect(files.filter((file) => !needed.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it('has one module for each entry, with a declaration, and chunks of those', () => {
    const modules = files.filter((file) => /^dist\/src\/(?!chunks\/).*\.js$/.test(file));
    expect(modules.toSorted()).toEqual([
      'dist/src/adapters/express.js',
      'dist/src/adapters/fastify.js',
      'dist/src/chart.js',
      'dist/src/cli/main.js',
      'dist/src/control.js',
      'dist/src/index.js',
      'dist/src/metrics.js',
      'dist/src/telemetry.js',
    ]);
    for (const each of modules) expect(files).toContain(each.replace(/\.js$/, '.d.ts'));
  });

  it('is ASCII, which V8 keeps in half the memory', async () => {
    for (const file of files.filter((each) => /^dist\/src\/.*\.js$/.test(each))) {
      const text = await readFile(join(project, 'node_modules/sidecar-machine', file), 'utf8');
      expect(text.match(/\P{ASCII}/u)?.[0], file).toBeUndefined();
    }
  });

  it('is what package.json points to', async () => {
    const manifest: unknown = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const targets = pathsIn(manifest).map((path) => path.replace(/^\.\//, ''));
    expect(targets.length).toBeGreaterThan(4);
    for (const target of targets) expect(files).toContain(target);
  });
});

describe('installed into an empty project', () => {
  it('brings only what it needs at run time', async () => {
    const installed = await readdir(join(project, 'node_modules'));
    for (const name of [
      'vitest',
      'typescript',
      'tsx',
      'fast-check',
      '@biomejs',
      'express',
      'prom-client',
      '@opentelemetry',
    ]) {
      expect(installed).not.toContain(name);
    }
  });

  it('runs a sidecar from plain JavaScript', async () => {
    const { stdout } = await run(project, process.execPath, ['run.js', SERVER]);
    expect(stdout.trim().split('\n')).toEqual([
      'running',
      'healthy true',
      'answers true',
      'passed on true',
      'stopped requested',
    ]);
  });

  it('has the command, which runs a configuration in TypeScript', async () => {
    const config = join(project, 'sidecar.config.ts');
    await writeFile(
      config,
      `import { defineConfig } from 'sidecar-machine';\nexport default defineConfig({ process: { command: 'sleep' as string } });\n`,
    );
    const { stdout } = await run(project, join(project, 'node_modules/.bin/sidecar'), ['validate']);
    expect(stdout).toBe(`${config} is right: "sidecar" runs sleep`);
    await rm(config);
  });

  it('has the service, which the other commands reach, and which says what metrics need', async () => {
    const config = join(project, 'sidecar.config.json');
    const sleeper = { command: 'sleep', args: ['600'] };
    const settings = {
      process: sleeper,
      healthCheck: { liveness: { type: 'process' } },
      stateDirectory: null,
    };
    await writeFile(config, JSON.stringify(settings));
    const bin = join(project, 'node_modules/.bin/sidecar');
    const service = run(project, bin, ['run']);
    await run(project, bin, ['wait', '--for', 'ready', '--timeout', '1m']);
    expect((await run(project, bin, ['status'])).stdout).toMatch(/\nsidecar +running +.* yes /);
    const script = `import { ServiceControl } from 'sidecar-machine/control';
      await new ServiceControl({ config: ${JSON.stringify(config)} }).metrics().catch(({ status }) => console.log(status));`;
    const metrics = await run(project, process.execPath, ['--input-type=module', '--eval', script]);
    expect(metrics.stdout).toBe('501');
    expect((await run(project, bin, ['stop'])).stdout).toBe('The service is stopped.');
    await service;
    await rm(config);
  });

  it('gives the chart alone, the adapters without a framework, and the JSON Schema', async () => {
    const { stdout } = await run(project, process.execPath, ['entry-points.js']);
    expect(stdout.trim().split('\n')).toEqual([
      'chart function',
      'express sidecarGate,sidecarHealth,sidecarProxy',
      'control ServiceControl',
      'fastify sidecarGate,sidecarHealth,sidecarProxy',
      'schema object',
      'manifest sidecar-machine',
      // Neither peer is installed: a trace goes nowhere, and metrics say what they need.
      'telemetry object',
      "metrics ERR_MODULE_NOT_FOUND Cannot find package 'prom-client'",
    ]);
  });

  it.each([
    ['the strictest settings', 'tsconfig.json'],
    // Not with exactOptionalPropertyTypes, under which declarations of xstate 5.33 have errors of their own.
    ['all declarations checked, those of others included', 'tsconfig.lib-check.json'],
  ])('type-checks with %s', async (_, tsconfig) => {
    // What every TypeScript project for Node.js has, and what one that uses an adapter has.
    for (const name of ['@types', 'fastify']) {
      const installed = join(project, 'node_modules', name);
      await rm(installed, { recursive: true, force: true });
      await symlink(join(ROOT, 'node_modules', name), installed);
    }
    await installPeers();
    const { stdout } = await run(project, join(ROOT, 'node_modules/.bin/tsc'), ['-p', tsconfig]);
    expect(stdout).toBe('');
  });

  it('measures and traces once the peers are installed', async () => {
    await installPeers();
    const { stdout } = await run(project, process.execPath, ['peers.js']);
    expect(stdout.trim().split('\n')).toEqual([
      'metrics sidecar_ready{sidecar="sidecar"} 0',
      'telemetry traced',
    ]);
  });

  it('does not type-check what is wrong', async () => {
    await writeFile(
      join(project, 'wrong.ts'),
      `import { createSidecar } from 'sidecar-machine';\ncreateSidecar({ proces: { command: 'x' } });\n`,
    );
    const wrong = run(project, join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json']);
    await expect(wrong).rejects.toThrow(/wrong\.ts.*proces/s);
    await rm(join(project, 'wrong.ts'));
  });
});

/** The optional peers of the entry points, as a user would install them. */
async function installPeers(): Promise<void> {
  for (const name of ['prom-client', '@opentelemetry']) {
    const installed = join(project, 'node_modules', name);
    await rm(installed, { recursive: true, force: true });
    await symlink(join(ROOT, 'node_modules', name), installed);
  }
}

async function run(cwd: string, command: string, args: readonly string[]): Promise<{ stdout: string }> {
  const { stdout } = await execa(command, args, { cwd, timeout: 110_000 });
  return { stdout };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** What `npm pack --json` prints; scripts that it runs may print before it. */
function parsePacked(stdout: string): readonly Packed[] {
  return JSON.parse(stdout.slice(stdout.search(/^\[/m)));
}

/** Every path in `exports` and `bin`. */
function pathsIn(manifest: unknown): string[] {
  if (typeof manifest === 'string') return [manifest];
  if (typeof manifest !== 'object' || manifest === null) return [];
  const values =
    'exports' in manifest && 'bin' in manifest
      ? [manifest.exports, manifest.bin]
      : 'name' in manifest
        ? []
        : Object.values(manifest);
  return values.flatMap(pathsIn);
}
