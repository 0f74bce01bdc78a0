import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { SpawnFailure } from '../../machines/sidecar.types.js';
import { EnvironmentError } from '../config/environment.js';
import type { ProcessConfig, ResolvedSidecarConfig } from '../config/schema.js';
import { errorCode } from '../os/error-code.js';
import { redactorOf } from '../redact/redactor.js';

/** A failure that is already explained, for example a port that somebody else holds. */
export class SpawnError extends Error {
  override readonly name = 'SpawnError';
  readonly failure: SpawnFailure;

  constructor(failure: SpawnFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** What the same attempt, made again a little later, would meet again. */
const PERMANENT = new Set([
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'E2BIG',
  'ENAMETOOLONG',
  'ENOEXEC',
  'EINVAL',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_ARG_VALUE',
]);

/** Says what went wrong when a process could not be started, and whether a retry could help. */
export async function describeSpawnFailure(
  error: unknown,
  config: ResolvedSidecarConfig,
): Promise<SpawnFailure> {
  const failure = await describe(error, config.process);
  return { ...failure, message: redactorOf(config).text(failure.message) };
}

async function describe(error: unknown, config: ProcessConfig): Promise<SpawnFailure> {
  if (error instanceof SpawnError) return error.failure;
  if (error instanceof EnvironmentError) return { code: 'EINVAL', message: error.message, permanent: true };
  const code = errorCode(error);
  const message = await explain(code, config, error);
  return { code, message, permanent: PERMANENT.has(code) };
}

async function explain(code: string, config: ProcessConfig, error: unknown): Promise<string> {
  const { command, cwd } = config;
  const folder = resolve(cwd);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR': {
      // The kernel says the same for a missing program, a missing interpreter and a missing folder.
      if (!(await isFolder(folder))) return `process.cwd ${folder} is not a folder`;
      const found = await findExecutable(command, folder);
      if (found !== null) return `${found} names an interpreter in its first line that does not exist`;
      return command.includes('/')
        ? `process.command ${resolve(folder, command)} does not exist`
        : `process.command "${command}" was not found on PATH`;
    }
    case 'EACCES':
      return `process.command ${command} (in ${folder}) is not executable: is it a program, and did you chmod +x it?`;
    case 'E2BIG':
      return `the arguments and environment of ${command} are too long for the system`;
    case 'EAGAIN':
      return `the system has no room for another process (EAGAIN); see ulimit -u`;
    case 'EMFILE':
    case 'ENFILE':
      return `no file descriptor is left to start ${command} with (${code}); see ulimit -n`;
    case 'ETXTBSY':
      return `${command} is being written to at this moment (ETXTBSY)`;
    default:
      return `${command} could not be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function findExecutable(command: string, folder: string): Promise<string | null> {
  const candidates = command.includes('/')
    ? [isAbsolute(command) ? command : resolve(folder, command)]
    : (process.env['PATH'] ?? '').split(delimiter).map((each) => join(each, command));
  for (const candidate of candidates) {
    const exists = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (exists) return candidate;
  }
  return null;
}
