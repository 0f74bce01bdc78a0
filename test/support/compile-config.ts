import { fileURLToPath } from 'node:url';
import type { SidecarConfig } from '../../src/index.js';
import { serverConfig } from './server-config.js';

const COMPILER = fileURLToPath(new URL('../fixtures/compiler.mjs', import.meta.url));

type CompileSection = NonNullable<SidecarConfig['compile']>;
type Sections = NonNullable<Parameters<typeof serverConfig>[1]>;

/** A sidecar that is made by the compiler in test/fixtures, which is given these arguments. */
export function compilerConfig(
  args: readonly string[],
  compile: Partial<CompileSection> = {},
  sections: Sections = {},
): SidecarConfig {
  return serverConfig(
    {},
    { ...sections, compile: { command: process.execPath, args: [COMPILER, ...args], ...compile } },
  );
}

/** Compiles `main.txt` in a folder to `build/main.txt`, unless that is up to date. */
export function incrementalConfig(cwd: string, args: readonly string[] = []): SidecarConfig {
  return compilerConfig(['--input=main.txt', '--output=build/main.txt', ...args], {
    cwd,
    inputs: ['*.txt'],
    outputs: ['build/main.txt'],
  });
}
