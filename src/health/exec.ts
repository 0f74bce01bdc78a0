import type { execa as Execa } from 'execa';
import type { Endpoint, OutputLine } from '../../machines/sidecar.types.js';
import type { SingleCheckConfig } from '../config/check-schema.js';
import { resolveEnvironment } from '../config/environment.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { fillTemplates } from '../config/templates.js';
import { guardSpawn, type SpawnGuard } from '../orphans/spawn-guard.js';
import { findDescriptorShortage } from '../os/descriptor-shortage.js';
import { endWithHost } from '../os/host-exit.js';
import { signalGroup } from '../os/process-group.js';
import { LineSplitter } from '../output/lines.js';
import { Tail } from '../output/tail.js';
import type { Check, CheckedProcess } from './check.js';

/** How long the output of a command that has ended is read on before it is cut off, in milliseconds. */
const DRAIN_TIMEOUT = 500;

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a command; exit code 0 passes. */
export function createExecCheck(
  { command, args }: Extract<SingleCheckConfig, { type: 'exec' }>,
  { config, endpoint }: CheckedProcess,
): Check {
  const told = endpoint ?? configuredEndpoint(config);
  const fill = (text: string) => fillTemplates(text, config, told);
  const filled: Command = {
    file: fill(command),
    args: args.map(fill),
    cwd: config.process.cwd,
    // Once, as for the process itself: a function of the user's is not called with each check.
    env: resolveEnvironment(config, told),
  };
  return {
    name: [filled.file, ...filled.args].join(' '),
    run: (signal) => runCommand(filled, signal),
    // The signal of a check ends its command.
    close() {},
  };
}

/** Where a sidecar is told to listen that has not said yet where it does. */
function configuredEndpoint({ transport, http, ipc, process }: ResolvedSidecarConfig): Endpoint {
  switch (transport) {
    case 'http':
      return { transport, host: http.host, port: http.port };
    case 'ipc':
      return { transport, socketPath: ipc.socketPath };
    case 'direct':
      return { transport, library: process.command };
  }
}

/**
 * Runs a command to its end, or until the signal aborts it. In each case nothing of its process group is left when
 * the promise settles.
 *
 * @throws {Error} unless it ended with code 0.
 */
async function runCommand(command: Command, signal: AbortSignal): Promise<void> {
  // Loaded when first needed: execa takes tens of milliseconds to import.
  const { execa } = await import('execa');
  signal.throwIfAborted();
  const shortage = findDescriptorShortage();
  if (shortage !== null) throw new Error(shortage.message);
  const guard = guardSpawn();
  try {
    await runGuarded(execa, guard, command, signal);
  } finally {
    guard.release();
  }
}

async function runGuarded(
  execa: typeof Execa,
  guard: SpawnGuard,
  { file, args, cwd, env }: Command,
  signal: AbortSignal,
): Promise<void> {
  const command = execa(file, args, {
    cwd,
    env: { ...env, ...guard.environment },
    extendEnv: false,
    // Its own process group, so that what it starts can be ended with it.
    detached: process.platform !== 'win32',
    stdin: 'ignore',
    // Only its last line is kept.
    buffer: false,
    reject: false,
  });
  const tail = new Tail(1);
  for (const [name, stream] of [
    ['stdout', command.stdout],
    ['stderr', command.stderr],
  ] as const) {
    const splitter = new LineSplitter(name);
    const keep = (lines: readonly OutputLine[]) => tail.push(lines.filter(({ line }) => line.trim() !== ''));
    stream.on('data', (chunk: Buffer) => keep(splitter.push(chunk)));
    stream.once('end', () => keep(splitter.end()));
  }

  const { pid } = command;
  if (pid === undefined) {
    const { code, shortMessage } = await command;
    throw new Error(explainNotStarted(file, code, shortMessage));
  }
  guard.protect(pid);
  // At once and without a grace period: it only asks, and the deadline of a check is to be kept.
  const kill = () => {
    signalGroup(pid, 'SIGKILL');
  };
  let drainTimer: NodeJS.Timeout | undefined;
  command.once('exit', () => {
    // What it left behind would hold its output open, and has no business to go on.
    kill();
    // A daemon with a session of its own is out of reach, and must not be waited for.
    drainTimer = setTimeout(() => {
      command.stdout.destroy();
      command.stderr.destroy();
    }, DRAIN_TIMEOUT);
  });
  signal.addEventListener('abort', kill, { once: true });
  const giveUp = endWithHost({
    patience: DRAIN_TIMEOUT,
    kill,
    end: async () => {
      kill();
      await command;
    },
  });

  const { exitCode = null, signal: exitSignal = null } = await command;
  clearTimeout(drainTimer);
  signal.removeEventListener('abort', kill);
  giveUp();
  signal.throwIfAborted();
  if (exitCode === 0) return;
  const [lastLine] = tail.lines();
  const how = exitSignal === null ? `it exited with code ${exitCode}` : `it was ended by ${exitSignal}`;
  throw new Error(lastLine === undefined ? how : `${how}: ${lastLine}`);
}

function explainNotStarted(file: string, code = 'UNKNOWN', message = 'unknown reason'): string {
  if (code === 'ENOENT') return `the program ${file} was not found`;
  if (code === 'EACCES') return `the program ${file} may not be executed`;
  return `the program ${file} could not be started (${code}): ${message}`;
}
