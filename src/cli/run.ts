import { createFleet, createSidecar, type Fleet, resolveConfig, type Sidecar } from '../index.js';
import { ConfigReadError } from '../service/config-read-error.js';
import { Service, type ServiceConfig } from '../service/service.js';
import { ServiceManager, takeManagerAddress } from '../service/service-manager.js';
import { tellManager } from '../service/tell-manager.js';
import { changeLines, changesAnything } from './change-lines.js';
import { CliError, ExitCode } from './cli-error.js';
import { type InspectFlag, inspectOf, showService } from './inspector.js';
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
  /** Whether it is shown, and where. */
  readonly inspect: InspectFlag;
}

/** `sidecar run`: compiles and runs the sidecars in the foreground, until told to stop or they can't go on. */
export async function run(named: string | undefined, options: RunOptions): Promise<void> {
  const loaded = await loadAnyConfig(named);
  const { path } = loaded;
  const supervised = supervise(loaded, options);
  const service = new Service(supervised, {
    config: path,
    readConfig: () => readAgain(path, options),
  });
  const control = options.control ? await openControlOf(service, path, options.listen) : null;
  const inspector = await showService(supervised, options.inspect).catch(async (error: unknown) => {
    await control?.close();
    throw error;
  });
  const isDrawn = !options.json && isDrawable(process.stdout, process.env);
  const display = isDrawn ? await openLiveDisplay(() => service.status()) : null;
  const print = (line: string) => (display === null ? console.log(line) : display.print(line));
  const complain = (line: string) => (display === null ? console.error(line) : display.print(line));
  const manager = managerOf(service, complain);
  printEvents(service, options.json, print);
  heedSignals(service, complain);
  const end = await service.run();
  manager?.stopping();
  display?.close();
  await Promise.all([control?.close(), manager?.close(), inspector?.close()]);
  process.exitCode = end === 'as-asked' ? ExitCode.ok : ExitCode.failed;
}

function supervise(loaded: LoadedAny, options: RunOptions): Sidecar | Fleet {
  const wanted = selected(loaded, options);
  return wanted.kind === 'fleet' ? createFleet(wanted.config) : createSidecar(wanted.config);
}

/** Null when nobody like systemd has started it. */
function managerOf(service: Service, complain: (line: string) => void): ServiceManager | null {
  const address = takeManagerAddress(process.env, process.pid);
  if (address === null) return null;
  const manager = new ServiceManager(address, (trouble) => complain(`sidecar: ${trouble}`));
  tellManager(service, manager);
  return manager;
}

function selected({ kind, config }: LoadedAny, { names, inspect: flag }: RunOptions): ServiceConfig {
  const inspect = inspectOf(config.inspect, flag, process.stderr.isTTY === true);
  if (kind === 'fleet') return { kind, config: { ...selectSidecars(config, names), inspect } };
  requireNamed(config.name, names);
  return { kind, config: resolveConfig({ ...config, inspect }) };
}

async function readAgain(path: string, options: RunOptions): Promise<ServiceConfig> {
  try {
    return selected(await loadAnyConfig(path), options);
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
