import picocolors from 'picocolors';

/**
 * Colours on a terminal and nowhere else, unless FORCE_COLOR asks for them; NO_COLOR and TERM=dumb turn them off.
 * The library's own guess is not taken: it colours whatever a CI system runs, even into a pipe.
 */
export const coloured = wantsColour(process.env, process.stdout.isTTY === true);

/** The colours that were decided on; without colours each leaves the text as it is. */
export const colors = picocolors.createColors(coloured);

export function wantsColour(environment: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (isSet(environment['NO_COLOR'])) return false;
  if (isSet(environment['FORCE_COLOR'])) return environment['FORCE_COLOR'] !== '0';
  return isTerminal && environment['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
