import { access, constants, lstat, stat } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { errorCode } from '../os/error-code.js';
import { findExecutable } from '../process/executable.js';
import { describeHolder, findSocketHolder } from '../process/holder.js';
import { requireFreePort } from '../process/port.js';
import { StateDirectory } from '../state/state-directory.js';
import { type Finding, messageOf, note, ok, problem } from './finding.js';

/**
 * Whether a sidecar could be started here and now. Nothing is changed.
 *
 * @param isRunning its own process holds what would otherwise have to be free
 */
export async function examineSidecar(
  config: ResolvedSidecarConfig,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const findings = [
    await compilerFinding(config),
    await programFinding(config),
    isRunning ? null : await addressFinding(config),
    await stateFinding(config),
  ];
  return findings.filter((finding) => finding !== null);
}

async function compilerFinding({ compile }: ResolvedSidecarConfig): Promise<Finding | null> {
  if (compile === undefined || compile.shell !== false) return null;
  const { command, cwd, env } = compile;
  // The programs of the project's own packages come first.
  const path = `${join(resolve(cwd), 'node_modules', '.bin')}${delimiter}${env['PATH'] ?? process.env['PATH'] ?? ''}`;
  try {
    return ok(`the compiler is ${await findExecutable({ command, cwd, path })}`);
  } catch (error) {
    return problem(
      `the compiler: ${messageOf(error)}`,
      'install it, or mend compile.command and compile.cwd',
    );
  }
}

async function programFinding(config: ResolvedSidecarConfig): Promise<Finding | null> {
  const { transport, compile } = config;
  if (transport === 'direct') return null;
  const { command, cwd, env } = config.process;
  try {
    const { PATH: path = process.env['PATH'] ?? '' } = typeof env === 'function' ? env() : env;
    return ok(`the program is ${await findExecutable({ command, cwd, path })}`);
  } catch (error) {
    const text = `the program: ${messageOf(error)}`;
    if (compile !== undefined && errorCode(error) === 'ENOENT') {
      return note(text, 'it has to come out of the compilation, which "sidecar run" does first');
    }
    return problem(text, 'install it, or mend process.command and process.cwd; with EACCES: chmod +x');
  }
}

async function addressFinding({ transport, http, ipc }: ResolvedSidecarConfig): Promise<Finding | null> {
  if (transport === 'http') return http.port === 0 ? null : portFinding(http.host, http.port);
  return transport === 'ipc' ? socketFinding(ipc.socketPath) : null;
}

async function portFinding(host: string, port: number): Promise<Finding> {
  try {
    await requireFreePort(host, port);
    return ok(`port ${port} on ${host} is free`);
  } catch (error) {
    return problem(messageOf(error), `see who it is with: ss -ltnp 'sport = :${port}'`);
  }
}

async function socketFinding(socketPath: string): Promise<Finding> {
  const folder = dirname(resolve(socketPath));
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch {
    return problem(
      `${folder}, where the socket is to be, can't be written to`,
      `mkdir -p ${folder}, as this user`,
    );
  }
  const found = await lstat(socketPath).catch(() => null);
  if (found === null) return ok(`the socket ${socketPath} can be made`);
  if (!found.isSocket()) {
    return problem(`${socketPath} is there, and is no socket`, 'move it, or choose another ipc.socketPath');
  }
  const holder = await findSocketHolder(socketPath);
  if (holder === null) return ok(`the socket ${socketPath} is a stale one, which a start removes`);
  return problem(
    `the socket ${socketPath} is held${describeHolder(holder)}`,
    'end that process, or choose another ipc.socketPath',
  );
}

async function stateFinding({ stateDirectory }: ResolvedSidecarConfig): Promise<Finding> {
  if (stateDirectory === null) {
    return note(
      'no state directory: what outlives a killed host is not found by its next run',
      'give it a name',
    );
  }
  if ((await stat(stateDirectory).catch(() => null)) === null) {
    return ok(`the state directory ${stateDirectory} will be made`);
  }
  try {
    await new StateDirectory(stateDirectory).prepare();
    await access(stateDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(`the state directory ${stateDirectory} is this user's own`);
  } catch (error) {
    return problem(
      `the state directory: ${messageOf(error)}`,
      `chmod 700 it, remove it, or set stateDirectory`,
    );
  }
}
