import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CompileFailure, OutputLine } from '../../machines/sidecar.types.js';
import type { CompileConfig } from '../config/schema.js';
import { Tail } from '../output/tail.js';
import { type CompilerOutcome, runCompiler } from './compiler-process.js';
import { beginStamp, findMissingOutput, isUpToDate } from './up-to-date.js';

/** How many of the compiler's last lines a failure carries. */
const TAIL_LINES = 50;

type OnLines = (lines: readonly OutputLine[]) => void;

/** What a compilation came to. A failed one says why, with the last lines. */
export type Compilation =
  | { readonly outcome: 'compiled' | 'skipped' }
  | { readonly outcome: 'failed'; readonly failure: CompileFailure };

/** The compilations under way by what they write: an aborted one may still be ending, or be another sidecar's. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Runs the compile command, unless its outputs are up to date; one at a time for the same outputs.
 *
 * @param signal aborts it: the promise rejects with its reason once the compiler and all it started are gone.
 */
export async function compile(
  config: CompileConfig,
  signal: AbortSignal,
  onLines: OnLines,
): Promise<Compilation> {
  const key = JSON.stringify([
    resolve(config.cwd),
    config.outputs.length > 0 ? config.outputs : config.command,
  ]);
  const turn = afterwards(underWay.get(key), () => compileNow(config, signal, onLines));
  underWay.set(key, turn);
  try {
    return await turn;
  } finally {
    if (underWay.get(key) === turn) underWay.delete(key);
  }
}

/** However the one before ended is its own caller's affair. */
async function afterwards<Value>(
  previous: Promise<unknown> | undefined,
  next: () => Promise<Value>,
): Promise<Value> {
  await previous?.catch(() => {});
  return next();
}

async function compileNow(
  config: CompileConfig,
  signal: AbortSignal,
  onLines: OnLines,
): Promise<Compilation> {
  signal.throwIfAborted();
  const folder = resolve(config.cwd);
  if (!(await isFolder(folder))) {
    return failed(config, [], { kind: 'unusable', message: `compile.cwd ${folder} is not a folder` });
  }
  if (await isUpToDate(config)) return { outcome: 'skipped' };

  // Without a stamp (a read-only home, a full disk) only the chance to skip the next compilation is lost.
  const stamp = config.outputs.length === 0 ? null : await beginStamp(config).catch(() => null);
  const tail = new Tail(TAIL_LINES);
  try {
    const outcome = await runCompiler(config, signal, (lines) => {
      tail.push(lines);
      if (lines.length > 0) onLines(lines);
    });
    const problem = await findProblem(config, outcome);
    if (problem !== null) return failed(config, tail.lines(), problem);
    await stamp?.keep();
    return { outcome: 'compiled' };
  } finally {
    await stamp?.discard();
  }
}

type Problem = Pick<CompileFailure, 'kind' | 'message'> &
  Partial<Pick<CompileFailure, 'exitCode' | 'signal'>>;

async function findProblem(config: CompileConfig, outcome: CompilerOutcome): Promise<Problem | null> {
  const { command, timeout, shell } = config;
  const line = commandLine(config);
  if (outcome.type === 'not-started') {
    return outcome.code === 'ENOENT'
      ? { kind: 'not-found', message: notFound(config) }
      : { kind: 'unusable', message: `"${command}" could not be started: ${outcome.message}` };
  }
  const { type, exitCode, signal } = outcome;
  if (type === 'timed-out') {
    return { kind: 'timeout', message: `"${line}" did not end within ${timeout} ms`, exitCode, signal };
  }
  const SHELL_NOT_FOUND = 127;
  if (shell && exitCode === SHELL_NOT_FOUND)
    return { kind: 'not-found', message: notFound(config), exitCode };
  if (signal !== null) return { kind: 'failed', message: `"${line}" was ended by ${signal}`, signal };
  if (exitCode !== 0) return { kind: 'failed', message: `"${line}" exited with code ${exitCode}`, exitCode };
  const missing = await findMissingOutput(config);
  if (missing === null) return null;
  return {
    kind: 'no-output',
    message: `"${line}" exited with code 0, but did not write ${missing}`,
    exitCode,
  };
}

function notFound({ command, cwd }: CompileConfig): string {
  const places = `on PATH or in a node_modules/.bin above ${resolve(cwd)}`;
  return `the compiler "${command}" was not found ${places}: install it, or set compile.command to another`;
}

function failed(config: CompileConfig, tail: readonly string[], problem: Problem): Compilation {
  return {
    outcome: 'failed',
    failure: { exitCode: null, signal: null, ...problem, command: commandLine(config), tail },
  };
}

function commandLine({ command, args }: CompileConfig): string {
  return [command, ...args].join(' ');
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
