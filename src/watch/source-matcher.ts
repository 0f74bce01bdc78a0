import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import type { CompileConfig } from '../config/schema.js';
import type { WatchConfig } from '../config/watch-schema.js';

/** What is watched: the section, and the compile step whose outputs are none of it. */
export interface Watched {
  readonly watch: WatchConfig;
  readonly compile?: CompileConfig | undefined;
}

/** Never sources, and often too large to watch. */
const NEVER = ['node_modules', '.git'];

/** As tinyglobby has it, which `compile.inputs` are listed with. */
const OPTIONS = { dot: true, posix: true };

/**
 * Tells sources from other files, as `compile.inputs` would: a folder means all that is in it.
 */
export class SourceMatcher {
  readonly #folder: string;
  readonly #isSource: (path: string) => boolean;
  readonly #isNone: (path: string) => boolean;
  readonly #patterns: readonly string[];

  constructor({ watch, compile }: Watched) {
    this.#folder = resolve(watch.cwd);
    this.#patterns = watch.paths.map((path) => relativePattern(path, this.#folder));
    this.#isSource = picomatch(this.#patterns.map(withContents), OPTIONS);
    const outputs = compile === undefined ? [] : compile.outputs.map((each) => join(compile.cwd, each));
    const none = [...watch.ignore, ...outputs.map((each) => resolve(each))];
    this.#isNone = picomatch(
      none.map((each) => withContents(relativePattern(each, this.#folder))),
      OPTIONS,
    );
  }

  /** Where they may be: folders, and files that are named as they are. */
  get roots(): readonly string[] {
    const bases = this.#patterns.map((pattern) => resolve(this.#folder, picomatch.scan(pattern).base));
    return [...new Set(bases)].filter((base) => !bases.some((other) => isInside(base, other)));
  }

  isSource(path: string): boolean {
    const name = this.#relative(path);
    return this.#isSource(name) && !this.#isNone(name);
  }

  /** Whether nothing in the folder can be a source. */
  isForeign(folder: string): boolean {
    const name = this.#relative(folder);
    if (name === '') return false;
    if (name.split('/').some((part) => NEVER.includes(part))) return true;
    return this.#isNone(name) || !this.#patterns.some((pattern) => mayBeIn(name, pattern));
  }

  #relative(path: string): string {
    return relative(this.#folder, path).split(sep).join('/');
  }
}

function relativePattern(pattern: string, folder: string): string {
  const path = isAbsolute(pattern) ? relative(folder, pattern) : pattern;
  return path.split(sep).join('/').replace(/^\.\//, '').replace(/\/$/, '');
}

function withContents(pattern: string): string {
  if (pattern === '' || pattern === '.') return '**';
  return pattern.endsWith('*') ? pattern : `${pattern}/**`;
}

function isInside(path: string, other: string): boolean {
  return path !== other && path.startsWith(other.endsWith(sep) ? other : `${other}${sep}`);
}

/** Part by part; where a part of the pattern can't be looked at alone, it may be. */
function mayBeIn(folder: string, pattern: string): boolean {
  if (pattern === '' || pattern === '.' || /[{(]/.test(pattern)) return true;
  const parts = pattern.split('/');
  for (const [index, name] of folder.split('/').entries()) {
    const part = parts[index];
    // A pattern that is at its end means all that is in there.
    if (part === undefined || part === '**') return true;
    if (name !== part && !picomatch.isMatch(name, part, OPTIONS)) return false;
  }
  return true;
}
