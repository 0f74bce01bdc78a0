import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const CAPABILITIES = ['config', 'compile', 'process', 'health', 'resources'];
/** What every capability may use: it knows nothing of sidecars. */
const NEUTRAL = ['os', 'output', 'redact', 'state', 'orphans', 'web'];
/** What looks on. */
const OBSERVERS = ['diagnostics', 'journal', 'log', 'metrics', 'telemetry', 'watch'];

const MOST_LINES = 400;

interface Import {
  /** The importing file, from the root. */
  readonly file: string;
  /** A package, or a file from the root (`src/os/clock.js`). */
  readonly target: string;
  readonly isTypeOnly: boolean;
  /** Loaded when it is needed. */
  readonly isDynamic: boolean;
}

function sourceFiles(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: ROOT, ignore: '**/node_modules/**' }).toSorted();
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const DYNAMIC_IMPORT = /\bimport\('([^']+)'\)/g;

function importsOf(file: string): Import[] {
  const text = read(file);
  const resolved = (specifier: string) =>
    specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier;
  return [
    ...[...text.matchAll(STATIC_IMPORT)].map(([, type, specifier = '']) => ({
      file,
      target: resolved(specifier),
      isTypeOnly: type !== undefined,
      isDynamic: false,
    })),
    ...[...text.matchAll(DYNAMIC_IMPORT)].map(([, specifier = '']) => ({
      file,
      target: resolved(specifier),
      isTypeOnly: false,
      isDynamic: true,
    })),
  ];
}

const machines = sourceFiles('machines/**/*.ts');
const sources = sourceFiles('src/**/*.ts');
/** Of the inspector, which runs in a browser. */
const page = sourceFiles('visualizations/inspector/src/**/*.{ts,tsx}');

/** The imports that break a rule, for people. */
function offending(files: readonly string[], breaks: (each: Import) => boolean): string[] {
  return files
    .flatMap(importsOf)
    .filter(breaks)
    .map(({ file, target, isTypeOnly }) => `${file} imports ${isTypeOnly ? 'types from ' : ''}${target}`);
}

describe('the rules of the house', () => {
  it('are looked for where the sources are', () => {
    expect(machines).toContain('machines/sidecar.ts');
    for (const folder of [...CAPABILITIES, ...NEUTRAL]) {
      expect(sources.some((file) => file.startsWith(`src/${folder}/`))).toBe(true);
    }
    expect(importsOf('src/sidecar-machine.ts').map(({ target }) => target)).toContain('src/health/actor.js');
    expect(importsOf('src/inspection.ts')).toContainEqual({
      file: 'src/inspection.ts',
      target: 'src/inspect/inspector.js',
      isTypeOnly: false,
      isDynamic: true,
    });
  });

  it('the charts are pure: xstate and neighbours, and only types of the configuration', () => {
    expect(
      offending(machines, ({ target, isTypeOnly }) => {
        if (target === 'xstate' || target.startsWith('machines/')) return false;
        return !(isTypeOnly && target.startsWith('src/config/'));
      }),
    ).toEqual([]);
  });

  it.each(CAPABILITIES)('%s knows no other capability, but the configuration', (capability) => {
    const allowed = [capability, 'config', ...NEUTRAL].map((folder) => `src/${folder}/`);
    const files = sources.filter((file) => file.startsWith(`src/${capability}/`));
    expect(
      offending(files, ({ target, isTypeOnly }) => {
        if (target.startsWith('machines/')) return !isTypeOnly;
        return target.startsWith('src/') && !allowed.some((folder) => target.startsWith(folder));
      }),
    ).toEqual([]);
  });

  it.each(NEUTRAL)('%s knows no capability at all', (folder) => {
    const files = sources.filter((file) => file.startsWith(`src/${folder}/`));
    expect(
      offending(files, ({ target, isTypeOnly }) => {
        if (target.startsWith('machines/')) return !isTypeOnly;
        return target.startsWith('src/') && !NEUTRAL.some((each) => target.startsWith(`src/${each}/`));
      }),
    ).toEqual([]);
  });

  it('the adapters know what a user knows, and load no framework', () => {
    const adapters = sources.filter((file) => file.startsWith('src/adapters/'));
    const known = /^src\/(adapters|os)\/|^src\/sidecar(-error|-status)?\.js$/;
    expect(adapters).toContain('src/adapters/express.ts');
    expect(
      offending(adapters, ({ target, isTypeOnly }) => {
        if (target.startsWith('src/')) return !known.test(target);
        return !isTypeOnly && !target.startsWith('node:') && target !== 'zod';
      }),
    ).toEqual([]);
    const others = [...machines, ...sources].filter((file) => !adapters.includes(file));
    expect(offending(others, ({ target }) => target.startsWith('src/adapters/'))).toEqual([]);
  });

  it('the service knows what a user knows', () => {
    const known =
      /^src\/(service|state|os|output|web)\/|^src\/(index|metrics|config\/(is-record|state-location))\.js$/;
    const service = sources.filter((file) => file.startsWith('src/service/'));
    expect(service).toContain('src/service/service.ts');
    expect(
      offending(
        service,
        ({ target }) => target.startsWith('machines/') || (target.startsWith('src/') && !known.test(target)),
      ),
    ).toEqual([]);
    const others = sources.filter((file) => !/^src\/(service|cli|control)\/|^src\/control\.ts$/.test(file));
    expect(offending(others, ({ target }) => target.startsWith('src/service/'))).toEqual([]);
  });

  it('the client of a service loads nothing but Node.js: a command that asks must not wait', () => {
    const light = [
      'src/service/place.ts',
      'src/config/state-location.ts',
      'src/config/is-record.ts',
      'src/os/error-code.ts',
      'src/os/fingerprint.ts',
    ];
    const client = sources.filter((file) => /^src\/control(\/|\.ts$)/.test(file));
    expect(client).toContain('src/control/exchange.ts');
    const known = [...client, ...light].map((file) => file.replace(/ts$/, 'js'));
    expect(
      offending([...client, ...light], ({ target, isTypeOnly }) => {
        return !isTypeOnly && !target.startsWith('node:') && !known.includes(target);
      }),
    ).toEqual([]);
  });

  it('the doctor looks with the eyes of a sidecar, and only the command asks it', () => {
    const known = /^src\/(doctor|config|os|state)\/|^src\/process\/(executable|holder|port)\.js$/;
    const doctor = sources.filter((file) => file.startsWith('src/doctor/'));
    expect(doctor).toContain('src/doctor/examine-machine.ts');
    expect(offending(doctor, ({ target }) => target.startsWith('src/') && !known.test(target))).toEqual([]);
    const others = sources.filter((file) => !/^src\/(doctor|cli)\//.test(file));
    expect(offending(others, ({ target }) => target.startsWith('src/doctor/'))).toEqual([]);
  });

  it('`sidecar status` loads nothing that it would have to wait for', () => {
    const loaded = new Set(['src/cli/main.ts', 'src/cli/status.ts']);
    const packages = new Set<string>();
    for (const file of loaded) {
      for (const { target, isTypeOnly, isDynamic } of importsOf(file)) {
        if (isTypeOnly || isDynamic) continue;
        if (target.startsWith('src/')) loaded.add(target.replace(/js$/, 'ts'));
        else if (!target.startsWith('node:')) packages.add(target);
      }
    }
    expect(loaded).toContain('src/control/exchange.ts');
    expect([...packages].toSorted()).toEqual(['commander', 'picocolors']);
  });

  it('the command knows what a user knows, and the pictures', () => {
    const known =
      /^src\/(cli|graph|export|service|doctor)\/|^src\/(os\/error-code|index|control|chart|config\/is-record)\.js$/;
    const command = sources.filter((file) => file.startsWith('src/cli/'));
    expect(command).toContain('src/cli/main.ts');
    expect(offending(command, ({ target }) => target.startsWith('src/') && !known.test(target))).toEqual([]);
    const others = sources.filter((file) => !command.includes(file));
    expect(
      offending(others, ({ target }) =>
        /^src\/cli\/|^(commander|jiti|picocolors|log-update|cli-spinners|ansi-escapes)$/.test(target),
      ),
    ).toEqual([]);
  });

  it.each(OBSERVERS)(
    '%s looks on: of the sidecar it knows the types and errors, and no other observer',
    (observer) => {
      const allowed = [observer, 'config', ...NEUTRAL].map((folder) => `src/${folder}/`);
      const files = sources.filter((file) => file.startsWith(`src/${observer}/`));
      expect(files).not.toEqual([]);
      expect(
        offending(files, ({ target, isTypeOnly }) => {
          if (!target.startsWith('src/') || allowed.some((folder) => target.startsWith(folder))) return false;
          return !(isTypeOnly || target === 'src/sidecar-error.js');
        }),
      ).toEqual([]);
    },
  );

  it('the inspector knows sidecars as a user does, and is loaded when somebody wants it', () => {
    const inspect = sources.filter((file) => file.startsWith('src/inspect/'));
    const known = new RegExp(
      `^src/(inspect|config|graph|${NEUTRAL.join('|')})/|^src/(log/json-line|sidecar-error)\\.js$`,
    );
    expect(inspect).toContain('src/inspect/inspector.ts');
    expect(
      offending(
        inspect,
        ({ target, isTypeOnly }) => !isTypeOnly && target.startsWith('src/') && !known.test(target),
      ),
    ).toEqual([]);
    const others = sources.filter((file) => !inspect.includes(file));
    expect(importsOf('src/inspection.ts')).toContainEqual({
      file: 'src/inspection.ts',
      target: 'src/inspect/inspector.js',
      isTypeOnly: false,
      isDynamic: true,
    });
    expect(
      offending(
        others,
        ({ file, target, isTypeOnly, isDynamic }) =>
          target.startsWith('src/inspect/') &&
          !isTypeOnly &&
          !isDynamic &&
          // What is kept for those who come later.
          !(file === 'src/inspection.ts' && target === 'src/inspect/recent.js'),
      ),
    ).toEqual([]);
    expect(offending(others, ({ target }) => target === 'ws')).toEqual([]);
  });

  it('nobody loads prom-client or OpenTelemetry who does not ask for them', () => {
    const own = /^src\/(metrics|telemetry)[./]/;
    // The service measures once it is asked for metrics.
    const asked = 'src/service/metrics-text.ts';
    const others = sources.filter((file) => !own.test(file) && file !== asked);
    expect(read(asked)).toContain("await import('../metrics.js')");
    expect(offending([asked], ({ target, isTypeOnly }) => !isTypeOnly && target === 'prom-client')).toEqual(
      [],
    );
    expect(
      offending(others, ({ target }) => own.test(target) || /^(prom-client|@opentelemetry)/.test(target)),
    ).toEqual([]);
  });

  it('the fleet knows sidecars as a user does, and nobody but the class knows its parts', () => {
    const fleet = sources.filter((file) => file.startsWith('src/fleet/'));
    const known = /^src\/(fleet|os)\/|^src\/sidecar(-error|-status)?\.js$/;
    expect(fleet).toContain('src/fleet/actor.ts');
    expect(
      offending(fleet, ({ target, isTypeOnly }) => {
        if (target.startsWith('machines/')) return !isTypeOnly;
        return target.startsWith('src/') && !isTypeOnly && !known.test(target);
      }),
    ).toEqual([]);
    const others = sources.filter((file) => !/^src\/(fleet\b|index\.ts)/.test(file));
    expect(offending(others, ({ target }) => target.startsWith('src/fleet'))).toEqual([]);
  });

  it('only the two machines bind actors to their charts', () => {
    const binders = ['src/sidecar-machine.ts', 'src/fleet-machine.ts'];
    const others = sources.filter((file) => !binders.includes(file));
    expect(offending(others, ({ target }) => /^src\/[^/]+\/actor\.js$/.test(target))).toEqual([]);
    expect(others.filter((file) => /\.provide\(/.test(read(file)))).toEqual([]);
  });

  it('the page of the inspector takes of the core only what runs in a browser', () => {
    const loaded = new Set(page);
    const packages = new Set<string>();
    for (const file of loaded) {
      for (const { target, isTypeOnly } of importsOf(file)) {
        if (isTypeOnly || target.startsWith('visualizations/')) continue;
        if (/^(src|machines)\//.test(target)) loaded.add(target.replace(/js$/, 'ts'));
        else packages.add(target);
      }
    }
    expect(loaded).toContain('src/journal/parse-journal.ts');
    expect([...packages].toSorted()).toEqual([
      '@preact/signals',
      '@xstate/inspect',
      'elkjs/lib/elk-api.js',
      'elkjs/lib/elk-worker.min.js?url',
      'preact',
      'preact/hooks',
      'uplot',
      'uplot/dist/uPlot.min.css',
      'virtual:sidecar-layouts',
      'xstate',
    ]);
  });

  it('no file is longer than a reader can hold', () => {
    const tooLong = [...machines, ...sources, ...page].filter(
      (file) => read(file).split('\n').length > MOST_LINES,
    );
    expect(tooLong).toEqual([]);
  });

  it('no file or folder is a drawer', () => {
    const files = sourceFiles(
      'machines/**',
      'src/**',
      'test/**',
      'examples/*/src/**',
      'bench/**',
      'visualizations/*/src/**',
    );
    const names = files.flatMap((file) => file.split('/')).map((name) => name.replace(/\..*$/, ''));
    expect(names.filter((name) => /^(utils?|helpers?|common|misc|shared|stuff)$/i.test(name))).toEqual([]);
  });
});
