import { access, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRecord } from '../config/is-record.js';
import { CliError, ExitCode } from './cli-error.js';

/** Looked for in this order, in the working directory. */
export const CONFIG_FILES = [
  'sidecar.config.ts',
  'sidecar.config.mts',
  'sidecar.config.js',
  'sidecar.config.mjs',
  'sidecar.config.json',
] as const;

export interface ConfigFile {
  readonly path: string;
  /** Paths in the configuration are relative to it. */
  readonly folder: string;
  /** What it exports by default, which nobody has validated. */
  readonly value: unknown;
}

/**
 * Loads the configuration file.
 *
 * @param named the path that the user gave, relative to the working directory
 * @throws {CliError} when there is none, or it can't be loaded
 */
export async function loadConfigFile(named: string | undefined): Promise<ConfigFile> {
  const path = await configPathOf(named);
  const value = path.endsWith('.json') ? await readJson(path) : await defaultExportOf(path);
  return { path, folder: dirname(path), value };
}

/**
 * Where it is.
 *
 * @param named the path that the user gave, relative to the working directory
 * @throws {CliError} when there is none
 */
export function configPathOf(named: string | undefined): Promise<string> {
  return named === undefined ? findConfigFile(process.cwd()) : namedFile(named);
}

async function findConfigFile(folder: string): Promise<string> {
  for (const name of CONFIG_FILES) if (await isThere(join(folder, name))) return join(folder, name);
  throw new CliError(
    `there is no sidecar.config.ts (.mts, .js, .mjs, .json) in ${folder}; make one with "sidecar init", or name one with --config`,
  );
}

async function namedFile(named: string): Promise<string> {
  const path = resolve(named);
  if (await isThere(path)) return path;
  throw new CliError(`there is no configuration file ${path}`);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CliError(`${path} can't be read: ${String(error)}`, ExitCode.usage, { cause: error });
  }
}

async function defaultExportOf(path: string): Promise<unknown> {
  const exported = await importFresh(path);
  if (isRecord(exported) && exported['default'] !== undefined) return exported['default'];
  throw new CliError(`${path} has no default export; end it with: export default defineConfig({ … })`);
}

/** Anew each time: a file that is edited while the service runs is read again. */
async function importFresh(path: string): Promise<unknown> {
  try {
    return await (/\.m?ts$/.test(path) ? importTypeScript(path) : importJavaScript(path));
  } catch (error) {
    throw new CliError(`${path} can't be loaded: ${String(error)}`, ExitCode.usage, { cause: error });
  }
}

/** Its own imports are those of the file, but for this very package, which need not be installed, as with `npx`. */
async function importTypeScript(path: string): Promise<unknown> {
  const [{ createJiti }, sidecarMachine] = await Promise.all([import('jiti'), import('../index.js')]);
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { 'sidecar-machine': sidecarMachine },
  });
  return await jiti.import(path);
}

function importJavaScript(path: string): Promise<unknown> {
  const url = pathToFileURL(path);
  url.searchParams.set('read', String(performance.now()));
  return import(url.href);
}
