import { createFleet, createSidecar, type Fleet, type Sidecar } from '../index.js';
import { ConfigReadError } from '../service/config-read-error.js';
import { Service, type ServiceConfig } from '../service/service.js';
import { changeLines, changesAnything } from './change-lines.js';
import { CliError, ExitCode } from './cli-error.js';
import { isDrawable, openLiveDisplay } from './live-display.js';
import { openControlOf } from './open-control.js';
import { printEvents } from './print-events.js';
import { requireNamed, selectSidecars } from './selected-sidecars.js';
import { type LoadedAny, loadAnyConfig } from './sidecar-config.js';
import { watchTerminal } from './terminal.js';

/** A signal that comes again within this time, in milliseconds, is the same one: npm passes on what the terminal sent. */
const SAME_SIGNAL = 500;

export interface RunOptions {
  /** Which of a fleet; none for all. */
  readonly names: readonly string[];
  readonly json: boolean;
  /** Whether `sidecar status` and its like are answered. */
  readonly control: boolean;
  /** Where they are answered besides: `host:port`. */
  readonly listen: string | undefined;
}

/** `sidecar run`: compiles and runs the sidecars in the foreground, until told to stop or they can't go on. */
export async function run(named: string | undefined, options: RunOptions): Promise<void> {
  const loaded = await loadAnyConfig(named);
  const { path } = loaded;
  const service = new Service(supervise(loaded, options.names), {
    config: path,
    readConfig: () => readAgain(path, options.names),
  });
  const control = options.control ? await openControlOf(service, path, options.listen) : null;
  const isDrawn = !options.json && isDrawable(process.stdout, process.env);
  const display = isDrawn ? await openLiveDisplay(() => service.status()) : null;
  const print = (line: string) => (display === null ? console.log(line) : display.print(line));
  const complain = (line: string) => (display === null ? console.error(line) : display.print(line));
  printEvents(service, options.json, print);
  heedSignals(service, complain);
  const end = await service.run();
  display?.close();
  await control?.close();
  process.exitCode = end === 'as-asked' ? ExitCode.ok : ExitCode.failed;
}

function supervise(loaded: LoadedAny, names: readonly string[]): Sidecar | Fleet {
  const wanted = selected(loaded, names);
  return wanted.kind === 'fleet' ? createFleet(wanted.config) : createSidecar(wanted.config);
}

function selected(loaded: LoadedAny, names: readonly string[]): ServiceConfig {
  if (loaded.kind === 'fleet') return { kind: 'fleet', config: selectSidecars(loaded.config, names) };
  requireNamed(loaded.config.name, names);
  return { kind: 'sidecar', config: loaded.config };
}

async function readAgain(path: string, names: readonly string[]): Promise<ServiceConfig> {
  try {
    return selected(await loadAnyConfig(path), names);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new ConfigReadError(error.message, { cause: error });
  }
}

/**
 * Stops all in good order at the first signal, and ends everything at once at a second one. SIGHUP reads the
 * configuration again, but for the one that the kernel sends when the terminal is gone.
 */
function heedSignals(service: Service, complain: (line: string) => void): void {
  let askedAt: number | null = null;
  const stop = () => {
    if (askedAt === null) {
      askedAt = performance.now();
      service.stop().catch((error: unknown) => {
        complain(String(error));
        process.exit(ExitCode.failed);
      });
    } else if (performance.now() - askedAt > SAME_SIGNAL) {
      // What it started is killed as this process exits.
      process.exit(ExitCode.interrupted);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const isTerminalGone = watchTerminal();
  process.on('SIGHUP', () => {
    if (isTerminalGone()) stop();
    else void applyAndTell(service, complain);
  });
}

async function applyAndTell(service: Service, complain: (line: string) => void): Promise<void> {
  try {
    const changes = await service.apply({ dryRun: true });
    for (const line of changeLines(changes)) complain(`sidecar: ${line}`);
    if (changesAnything(changes)) await service.apply();
  } catch (error) {
    complain(`sidecar: ${error instanceof Error ? error.message : String(error)}`);
  }
}
