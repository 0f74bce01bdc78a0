import { createSidecar, type Sidecar } from '../index.js';
import { ExitCode } from './cli-error.js';
import { eventLines } from './event-lines.js';
import { loadSidecarConfig } from './sidecar-config.js';

/** A signal that comes again within this time, in milliseconds, is the same one: npm passes on what the terminal sent. */
const SAME_SIGNAL = 500;

export interface RunOptions {
  readonly json: boolean;
}

/** `sidecar run`: compiles and runs the sidecar in the foreground, until it is told to stop or can't go on. */
export async function run(named: string | undefined, { json }: RunOptions): Promise<void> {
  const { config } = await loadSidecarConfig(named);
  const sidecar = createSidecar(config);
  sidecar.on('*', (event) => {
    if (json) console.log(JSON.stringify({ sidecar: config.name, ...event }));
    else for (const line of eventLines(config.name, event, Date.now())) console.log(line);
  });
  process.exitCode = await untilStopped(sidecar);
}

/** Resolves with the exit code: that of a sidecar that was stopped as asked, or that ended against its will. */
async function untilStopped(sidecar: Sidecar): Promise<ExitCode> {
  const isAsked = stopOnSignal(sidecar);
  const stopped = new Promise<void>((resolve) => {
    sidecar.on('stopped', ({ reason }) => {
      // A lazy one, or an idle one, waits for its next request.
      if (reason !== 'lazy' && reason !== 'idle') resolve();
    });
  });
  await sidecar.start().catch(() => {
    // Why it did not come up is told by the event `stopped`, which has been printed.
  });
  await stopped;
  return isAsked() ? ExitCode.ok : ExitCode.failed;
}

/** Stops it in good order at the first signal, and ends everything at once at a second one. */
function stopOnSignal(sidecar: Sidecar): () => boolean {
  let askedAt: number | null = null;
  const onSignal = () => {
    if (askedAt === null) {
      askedAt = performance.now();
      sidecar.stop().catch((error: unknown) => {
        console.error(String(error));
        process.exit(ExitCode.failed);
      });
    } else if (performance.now() - askedAt > SAME_SIGNAL) {
      // What it started is killed as this process exits.
      process.exit(ExitCode.interrupted);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return () => askedAt !== null;
}
