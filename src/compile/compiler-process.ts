import type { execa as Execa } from 'execa';
import type { OutputLine } from '../../machines/sidecar.types.js';
import type { CompileConfig } from '../config/schema.js';
import { guardSpawn, type SpawnGuard } from '../orphans/spawn-guard.js';
import { findDescriptorShortage } from '../os/descriptor-shortage.js';
import { endWithHost } from '../os/host-exit.js';
import { signalGroup } from '../os/process-group.js';
import { LineSplitter } from '../output/lines.js';

/** How long a compiler may take to end in good order before it is killed, in milliseconds. */
const GRACE_PERIOD = 2000;

/** How long the output of a compiler that has ended is read on before it is cut off, in milliseconds. */
const DRAIN_TIMEOUT = 500;

/** What the host's exit may take beyond the grace period, in milliseconds. */
const EXIT_MARGIN = 1000;

/** How a compiler's run ended. */
export type CompilerOutcome =
  | { readonly type: 'exited'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly type: 'timed-out'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly type: 'not-started'; readonly code: string; readonly message: string };

/**
 * Runs the compile command to its end, or to its timeout, or until `signal` aborts it. In each case nothing of its
 * process group is left when the promise settles.
 */
export async function runCompiler(
  config: CompileConfig,
  signal: AbortSignal,
  onLines: (lines: readonly OutputLine[]) => void,
): Promise<CompilerOutcome> {
  // Loaded when first needed: execa takes tens of milliseconds to import.
  const { execa } = await import('execa');
  signal.throwIfAborted();

  const shortage = findDescriptorShortage();
  if (shortage !== null) return { type: 'not-started', ...shortage };
  const guard = guardSpawn();
  try {
    return await runGuarded(execa, guard, config, signal, onLines);
  } finally {
    // A daemon that it started for the next compilation may stay.
    guard.release();
  }
}

async function runGuarded(
  execa: typeof Execa,
  guard: SpawnGuard,
  { command, args, shell, cwd, env, timeout }: CompileConfig,
  signal: AbortSignal,
  onLines: (lines: readonly OutputLine[]) => void,
): Promise<CompilerOutcome> {
  const compiler = execa(shell ? [command, ...args].join(' ') : command, shell ? [] : args, {
    cwd,
    env: { ...env, ...guard.environment },
    shell,
    preferLocal: true,
    localDir: cwd,
    // Its own process group, so that what it starts can be ended with it.
    detached: process.platform !== 'win32',
    stdin: 'ignore',
    // Lines are passed on as they come; nothing is collected.
    buffer: false,
    reject: false,
  });
  passLines(compiler.stdout, new LineSplitter('stdout'), onLines);
  passLines(compiler.stderr, new LineSplitter('stderr'), onLines);

  const { pid } = compiler;
  if (pid === undefined) {
    const { code = 'UNKNOWN', shortMessage } = await compiler;
    return { type: 'not-started', code, message: shortMessage ?? 'unknown reason' };
  }
  guard.protect(pid);

  let drainTimer: NodeJS.Timeout | undefined;
  compiler.once('exit', () => {
    // What it left behind would hold its output open, and has no business to go on.
    signalGroup(pid, 'SIGKILL');
    // A daemon with a session of its own is out of reach, and must not be waited for.
    drainTimer = setTimeout(() => {
      compiler.stdout.destroy();
      compiler.stderr.destroy();
    }, DRAIN_TIMEOUT);
  });
  let killTimer: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(pid, 'SIGTERM');
    killTimer ??= setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_PERIOD);
  };
  let timedOut = false;
  const timeoutTimer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeout);
  signal.addEventListener('abort', end, { once: true });
  const giveUp = endWithHost({
    patience: GRACE_PERIOD + EXIT_MARGIN,
    kill: () => signalGroup(pid, 'SIGKILL'),
    end: async () => {
      end();
      await compiler;
    },
  });

  const { exitCode = null, signal: exitSignal = null } = await compiler;
  clearTimeout(timeoutTimer);
  clearTimeout(killTimer);
  clearTimeout(drainTimer);
  signal.removeEventListener('abort', end);
  giveUp();
  signal.throwIfAborted();
  return { type: timedOut ? 'timed-out' : 'exited', exitCode, signal: exitSignal };
}

function passLines(
  stream: NodeJS.ReadableStream,
  splitter: LineSplitter,
  onLines: (lines: readonly OutputLine[]) => void,
): void {
  stream.on('data', (chunk: Buffer) => onLines(splitter.push(chunk)));
  stream.once('end', () => onLines(splitter.end()));
}
