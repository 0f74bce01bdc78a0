import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { glob } from 'tinyglobby';
import { isRecord } from '../config/is-record.js';

/** What a folder holds, as far as a sidecar could be made of it. */
export type Project =
  | { readonly kind: 'go'; readonly name: string }
  | { readonly kind: 'rust'; readonly name: string }
  | { readonly kind: 'python'; readonly name: string; readonly module: string | null }
  | { readonly kind: 'forst'; readonly name: string; readonly root: string }
  | { readonly kind: 'node'; readonly name: string; readonly main: string }
  | { readonly kind: 'unknown'; readonly name: string };

/** Looks at a folder: the first of `.ft` files, go.mod, Cargo.toml, pyproject.toml and package.json that is there. */
export async function lookAtProject(folder: string): Promise<Project> {
  const name = nameFrom(basename(folder));
  const read = (file: string) => readFile(join(folder, file), 'utf8').catch(() => null);

  const [forst] = (await glob('*.ft', { cwd: folder })).toSorted(mainFirst);
  if (forst !== undefined) return { kind: 'forst', name, root: forst };

  const goMod = await read('go.mod');
  if (goMod !== null) return { kind: 'go', name: nameFrom(/^module\s+(\S+)/m.exec(goMod)?.[1] ?? name) };

  const cargo = await read('Cargo.toml');
  if (cargo !== null) return { kind: 'rust', name: packageName(cargo) ?? name };

  const pyproject = await read('pyproject.toml');
  if (pyproject !== null) {
    const [module] = (
      await glob(['main.py', 'app.py', 'server.py', '*/__main__.py'], { cwd: folder })
    ).toSorted();
    return { kind: 'python', name: packageName(pyproject) ?? name, module: module ?? null };
  }

  const manifest = await read('package.json');
  if (manifest === null) return { kind: 'unknown', name };
  const { name: own, main } = fieldsOf(manifest);
  return {
    kind: 'node',
    name: typeof own === 'string' ? nameFrom(own) : name,
    main: typeof main === 'string' ? main : 'server.js',
  };
}

/** The last part of a module's or a scoped package's name, as a sidecar may be called. */
function nameFrom(text: string): string {
  const last = text.split('/').at(-1) ?? '';
  const plain = last
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return plain === '' ? 'sidecar' : plain;
}

/** `name` in the first section that has one, `[package]` or `[project]`. */
function packageName(toml: string): string | null {
  return /^name\s*=\s*["']([A-Za-z0-9][\w.-]*)["']/m.exec(toml)?.[1] ?? null;
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(json);
    return isRecord(parsed) ? parsed : {};
  } catch {
    // It is looked at for hints only; whoever owns it will hear of it from npm.
    return {};
  }
}

function mainFirst(left: string, right: string): number {
  return Number(right === 'main.ft') - Number(left === 'main.ft') || left.localeCompare(right);
}
