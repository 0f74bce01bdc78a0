import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import type { CompileConfig } from '../config/schema.js';

/**
 * What was compiled when: written before a compilation and kept if it works. Its modification time is the moment
 * before the compiler read its first input, by the same clock as theirs.
 */
interface Stamp {
  /** Command, arguments, environment and globs: another command is not up to date. */
  readonly fingerprint: string;
  /** The inputs by name: one that was removed leaves no younger file behind. */
  readonly inputs: readonly string[];
}

/** A compilation whose success is still to come. */
export interface PendingStamp {
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Whether every output is younger than every input, and both come from this very command. */
export async function isUpToDate(config: CompileConfig): Promise<boolean> {
  if (config.outputs.length === 0) return false;
  const [stamp, inputs] = await Promise.all([readStamp(config), listInputs(config)]);
  if (stamp === null || inputs.length === 0) return false;
  if (stamp.fingerprint !== fingerprintOf(config)) return false;
  if (stamp.inputs.join('\0') !== inputs.join('\0')) return false;

  const outputs = await listOutputs(config);
  if (outputs === null) return false;

  const [inputTimes, outputTimes] = await Promise.all([
    modificationTimes(inputs),
    modificationTimes(outputs),
  ]);
  const newestInput = inputTimes.reduce(later);
  // One that was changed while the compiler ran may not be in the outputs, though it is older than they are.
  return newestInput <= stamp.modifiedAt && outputTimes.every((time) => time >= newestInput);
}

/** The first of `outputs` that no file matches; null when all are there. */
export async function findMissingOutput({ outputs, cwd }: CompileConfig): Promise<string | null> {
  for (const output of outputs) {
    const found = await glob(output, { cwd, dot: true });
    if (found.length === 0) return output;
  }
  return null;
}

/** Notes what is about to be compiled. */
export async function beginStamp(config: CompileConfig): Promise<PendingStamp> {
  const path = stampPath(config);
  const pending = `${path}.${process.pid}.pending`;
  const stamp: Stamp = { fingerprint: fingerprintOf(config), inputs: await listInputs(config) };
  await mkdir(cacheFolder(), { recursive: true });
  await writeFile(pending, JSON.stringify(stamp), { mode: 0o600 });
  return {
    keep: () => rename(pending, path),
    discard: () => rm(pending, { force: true }),
  };
}

async function readStamp(config: CompileConfig): Promise<(Stamp & { modifiedAt: bigint }) | null> {
  const path = stampPath(config);
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isStamp(parsed) ? { ...parsed, modifiedAt: await modifiedAt(path) } : null;
  } catch {
    // Never compiled here, or a stamp that can't be read: compiling again is always right.
    return null;
  }
}

function isStamp(value: unknown): value is Stamp {
  return (
    typeof value === 'object' &&
    value !== null &&
    'fingerprint' in value &&
    typeof value.fingerprint === 'string' &&
    'inputs' in value &&
    Array.isArray(value.inputs) &&
    value.inputs.every((input) => typeof input === 'string')
  );
}

async function listInputs({ inputs, cwd }: CompileConfig): Promise<string[]> {
  const found = await glob(inputs, { cwd, dot: true, absolute: true, ignore: ['**/node_modules/**'] });
  return found.sort();
}

/** null when one of them is missing. */
async function listOutputs(config: CompileConfig): Promise<string[] | null> {
  if ((await findMissingOutput(config)) !== null) return null;
  return glob(config.outputs, { cwd: config.cwd, dot: true, absolute: true });
}

function modificationTimes(paths: readonly string[]): Promise<bigint[]> {
  return Promise.all(paths.map(modifiedAt));
}

/** 0 for a file that is not there. */
async function modifiedAt(path: string): Promise<bigint> {
  return stat(path, { bigint: true }).then(
    ({ mtimeNs }) => mtimeNs,
    () => 0n,
  );
}

function later(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function fingerprintOf({ command, args, shell, env, inputs, outputs }: CompileConfig): string {
  return hash([command, args, shell, env, inputs, outputs]);
}

function stampPath({ cwd, outputs }: CompileConfig): string {
  return join(cacheFolder(), `${hash([resolve(cwd), outputs])}.json`);
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'sidecar-machine', 'compile');
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
