import { createFleet, createSidecar, type Fleet, Sidecar } from '../index.js';
import { Service } from '../service/service.js';
import { ExitCode } from './cli-error.js';
import { eventLines } from './event-lines.js';
import { fleetLines } from './fleet-lines.js';
import { type InspectFlag, inspectOf, showService } from './inspector.js';
import { openControlOf } from './open-control.js';
import { requireNamed, selectSidecars } from './selected-sidecars.js';
import { type LoadedAny, loadAnyConfig } from './sidecar-config.js';

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
  const supervised = supervise(loaded, options);
  const service = new Service(supervised, loaded.path);
  const control = options.control ? await openControlOf(service, loaded.path, options.listen) : null;
  printEvents(service, supervised, options.json);
  const inspector = await showService(supervised, options.inspect).catch(async (error: unknown) => {
    await control?.close();
    throw error;
  });
  stopOnSignal(service);
  const end = await service.run();
  await Promise.all([control?.close(), inspector?.close()]);
  process.exitCode = end === 'as-asked' ? ExitCode.ok : ExitCode.failed;
}

function supervise({ kind, config }: LoadedAny, { names, inspect: flag }: RunOptions): Sidecar | Fleet {
  const inspect = inspectOf(config.inspect, flag);
  if (kind === 'fleet') return createFleet({ ...selectSidecars(config, names), inspect });
  requireNamed(config.name, names);
  return createSidecar({ ...config, inspect });
}

function printEvents({ members }: Service, supervised: Sidecar | Fleet, json: boolean): void {
  const width = Math.max(...members.map(({ name }) => name.length));
  for (const { name, sidecar } of members) {
    sidecar.on('*', (event) => {
      if (json) console.log(JSON.stringify({ sidecar: name, ...event }));
      else for (const line of eventLines(name, event, Date.now(), width)) console.log(line);
    });
  }
  if (supervised instanceof Sidecar) return;
  supervised.on('*', (event) => {
    // It has a type like the events of a sidecar, which say whose they are.
    if (json) console.log(JSON.stringify({ sidecar: null, ...event }));
    else for (const line of fleetLines(event, Date.now(), width)) console.log(line);
  });
}

/** Stops all in good order at the first signal, and ends everything at once at a second one. */
function stopOnSignal(service: Service): void {
  let askedAt: number | null = null;
  const onSignal = () => {
    if (askedAt === null) {
      askedAt = performance.now();
      service.stop().catch((error: unknown) => {
        console.error(String(error));
        process.exit(ExitCode.failed);
      });
    } else if (performance.now() - askedAt > SAME_SIGNAL) {
      // What it started is killed as this process exits.
      process.exit(ExitCode.interrupted);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
