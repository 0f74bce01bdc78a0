import type { ServiceControl } from '../control.js';
import { CliError, ExitCode } from './cli-error.js';
import { namesOf, type ServiceFlags, withService } from './running-service.js';

export type Verb = 'start' | 'stop' | 'restart' | 'reload';

const done: Readonly<Record<Verb, string>> = {
  start: 'is running',
  stop: 'is stopped',
  restart: 'was restarted',
  reload: 'was reloaded',
};

/**
 * `sidecar start`, `stop`, `restart` and `reload`: tells the sidecars of a running service what to do, and ends once it is
 * done. `stop` without names ends the service.
 */
export async function steer(verb: Verb, names: readonly string[], flags: ServiceFlags): Promise<void> {
  await withService(flags, async (control) => {
    if (verb === 'stop' && names.length === 0) {
      await control.stopService();
      console.log('The service is stopped.');
      return;
    }
    const all = await namesOf(control, names);
    const failures = await (verb === 'start' || verb === 'stop'
      ? Promise.all(all.map((name) => perform(control, verb, name)))
      : oneByOne(control, verb, all));
    const messages = failures.filter((failure) => failure !== null);
    if (messages.length > 0) throw new CliError(messages.join('\nsidecar: '), ExitCode.failed);
  });
}

/** While one of several instances is replaced, the others serve. */
async function oneByOne(control: ServiceControl, verb: Verb, names: readonly string[]) {
  const failures: (string | null)[] = [];
  for (const name of names) failures.push(await perform(control, verb, name));
  return failures;
}

/** @returns what went wrong */
async function perform(control: ServiceControl, verb: Verb, name: string): Promise<string | null> {
  try {
    await control[verb](name);
    console.log(`${name} ${done[verb]}.`);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
