import type { SendableCommand, ServiceControl } from '../control.js';
import { CliError } from './cli-error.js';
import { colors } from './colors.js';
import { printableLine } from './printable-line.js';
import { namesOf, type ServiceFlags, withService } from './running-service.js';

/** `sidecar why`: why each is as it is, in sentences. */
export async function why(names: readonly string[], flags: ServiceFlags): Promise<void> {
  await withService(flags, async (control) => {
    const all = await namesOf(control, names);
    for (const name of all) {
      const text = await control.why(name);
      console.log(all.length === 1 ? text : `${colors.bold(name)}: ${text}`);
    }
  });
}

/** `sidecar history`: the last transitions, with their causes; without names, also what happened to the fleet. */
export async function history(
  names: readonly string[],
  flags: ServiceFlags & { readonly json?: true },
): Promise<void> {
  await withService(flags, async (control) => {
    const all = await namesOf(control, names);
    const width = Math.max(...['fleet', ...all].map((name) => name.length));
    const entries = await Promise.all(
      all.map(async (name) => (await control.history(name)).map((entry) => ({ sidecar: name, ...entry }))),
    );
    const ofFleet = names.length > 0 ? [] : await control.fleetHistory();
    const told = [...entries.flat(), ...ofFleet.map((entry) => ({ sidecar: null, ...entry }))];
    for (const entry of told.toSorted((left, right) => left.time - right.time)) {
      if (flags.json === true) console.log(JSON.stringify(entry));
      else {
        const { sidecar, time, explanation } = entry;
        const name = colors.bold((sidecar ?? 'fleet').padEnd(width));
        const state = entry.sidecar === null ? '' : entry.to;
        console.log(
          `${colors.dim(new Date(time).toISOString())}  ${name}  ${state.padEnd(22)}  ${explanation}`,
        );
      }
    }
  });
}

export interface LogsFlags extends ServiceFlags {
  readonly follow?: true;
  readonly lines: string;
}

/** `sidecar logs`: the last lines that the sidecars printed, and with `-f` those that come. */
export async function logs(names: readonly string[], flags: LogsFlags): Promise<void> {
  const lines = Number(flags.lines);
  if (!Number.isInteger(lines) || lines < 1 || lines > 1000) throw new CliError('--lines takes 1 to 1000');
  await withService(flags, async (control) => {
    const all = await namesOf(control, names);
    const width = Math.max(...all.map((name) => name.length));
    const print = (name: string, line: string) => {
      console.log(
        all.length === 1 ? printableLine(line) : `${colors.bold(name.padEnd(width))}  ${printableLine(line)}`,
      );
    };
    // What comes between is printed twice rather than never.
    const events =
      flags.follow === true
        ? await control.events({ sidecars: names.length === 0 ? [] : all, types: ['output'] })
        : null;
    for (const { name, line } of await lastLines(control, all, lines)) print(name, line);
    if (events === null) return;
    for await (const event of events) {
      if (event.type === 'output') print(event.sidecar, event.line);
      else if (event.type === 'dropped') console.error(`sidecar: ${event.count} lines are missing here`);
    }
  });
}

async function lastLines(control: ServiceControl, names: readonly string[], count: number) {
  const all = await Promise.all(
    names.map(async (name) =>
      (await control.logs(name, { lines: count })).map((line) => ({ name, ...line })),
    ),
  );
  return all
    .flat()
    .toSorted((left, right) => left.time - right.time)
    .slice(-count);
}

const COMMANDS: readonly SendableCommand[] = ['START', 'STOP', 'RESTART', 'RELOAD'];

/** `sidecar send`: sends a command to the state machines, and says what each does on it. */
export async function send(event: string, names: readonly string[], flags: ServiceFlags): Promise<void> {
  const command = COMMANDS.find((each) => each === event.toUpperCase());
  if (command === undefined)
    throw new CliError(`"${event}" can't be sent; there are: ${COMMANDS.join(', ')}`);
  await withService(flags, async (control) => {
    for (const name of await namesOf(control, names)) {
      const { type, explanation } = await control.send(name, command);
      console.log(`${name} ${type === 'taken' ? 'takes it' : 'ignores it'}: ${explanation}`);
    }
  });
}
