import { fileURLToPath } from 'node:url';
import type { SidecarConfig } from '../../src/index.js';

const COMPILER = fileURLToPath(new URL('../fixtures/compiler.mjs', import.meta.url));

/** Options of test/fixtures/compiler.mjs. */
export type CompilerOptions = Readonly<Record<string, string | number | true>>;

/** A compile step that runs the hostile compiler. */
export function compilerConfig(options: CompilerOptions = {}): NonNullable<SidecarConfig['compile']> {
  const args = Object.entries(options).map(([name, value]) =>
    value === true ? `--${name}` : `--${name}=${value}`,
  );
  return { command: process.execPath, args: [COMPILER, ...args] };
}
