import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A child to measure with: the program and its arguments. It reads PORT. */
export interface ChildCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const here = fileURLToPath(new URL('.', import.meta.url));

export const nodeChild: ChildCommand = {
  name: 'node child',
  command: process.execPath,
  args: [join(here, 'server.mjs')],
};

/** The same server in Go, which starts about ten times as fast: what we add shows more. */
export function buildGoChild(): ChildCommand {
  const binary = join(mkdtempSync(join(tmpdir(), 'sidecar-bench-')), 'server');
  execFileSync('go', ['build', '-o', binary, join(here, 'server.go')], { stdio: 'inherit' });
  return { name: 'Go child', command: binary, args: [] };
}

/** The Go greeter of the examples; the path of its binary. */
export function buildGreeter(folder: string): string {
  const binary = join(folder, 'greeter');
  const sources = join(here, '..', '..', 'examples', 'greeter-go');
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: sources, stdio: 'inherit' });
  return binary;
}

/** A Go server that says by every means that it is ready; the path of its binary. */
export function buildSignalling(folder: string): string {
  const binary = join(folder, 'signalling');
  execFileSync('go', ['build', '-o', binary, join(here, 'signalling.go')], { stdio: 'inherit' });
  return binary;
}

/** A Go server that reports to whoever compares supervisors; the path of its binary. */
export function buildReporting(folder: string): string {
  const binary = join(folder, 'reporting');
  execFileSync('go', ['build', '-o', binary, join(here, 'reporting.go')], { stdio: 'inherit' });
  return binary;
}

/** `listening 1700000000000.123`: when the child began to listen, in Unix milliseconds. */
export function listeningSince(line: string): number | null {
  const [, time] = /^listening ([\d.]+)$/.exec(line) ?? [];
  return time === undefined ? null : Number(time);
}
