import { CliError } from './cli-error.js';
import { type ServiceFlags, withService } from './running-service.js';

export type RollingVerb = 'restart' | 'reload';

export interface RollingFlags extends ServiceFlags {
  readonly rolling?: true;
  readonly keepServing?: string;
}

/** `sidecar restart --rolling` and `reload --rolling`: replaces all instances, while others of them serve. */
export async function roll(how: RollingVerb, names: readonly string[], flags: RollingFlags): Promise<void> {
  if (flags.rolling !== true) throw new CliError('--keep-serving is for --rolling');
  const keepServing = numberOf(flags.keepServing);
  await withService(flags, async (control) => {
    const { sidecars } = await control.status();
    const keys = [...new Set(sidecars.map(({ key }) => key))];
    const unknown = names.find((name) => !keys.includes(name));
    if (unknown !== undefined) {
      throw new CliError(
        `--rolling takes all instances of a sidecar; there is no "${unknown}", there are: ${keys.join(', ')}`,
      );
    }
    for (const key of names.length === 0 ? keys : names) {
      await control.rollingRestart(key, { how, ...(keepServing === null ? {} : { keepServing }) });
      console.log(`${key} was replaced, all of it.`);
    }
  });
}

function numberOf(given: string | undefined): number | null {
  if (given === undefined) return null;
  if (!/^\d{1,4}$/.test(given)) throw new CliError('--keep-serving takes a number');
  return Number(given);
}
