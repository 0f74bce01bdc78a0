import { CliError } from './cli-error.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something is so, in its two largest units: `3m 20s`. */
export function ageText(milliseconds: number): string {
  if (milliseconds < SECOND) return '<1s';
  if (milliseconds < MINUTE) return `${Math.floor(milliseconds / SECOND)}s`;
  if (milliseconds < HOUR) return twoUnits(milliseconds, MINUTE, 'm', SECOND, 's');
  if (milliseconds < DAY) return twoUnits(milliseconds, HOUR, 'h', MINUTE, 'm');
  return twoUnits(milliseconds, DAY, 'd', HOUR, 'h');
}

function twoUnits(
  milliseconds: number,
  large: number,
  name: string,
  small: number,
  smallName: string,
): string {
  return `${Math.floor(milliseconds / large)}${name} ${Math.floor((milliseconds % large) / small)}${smallName}`;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR };

/** `30s`, `1.5m`, `500ms`; a number alone is seconds. In milliseconds. */
export function parseDuration(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (units[unit] ?? Number.NaN);
  if (digits !== '' && milliseconds <= DAY) return milliseconds;
  throw new CliError(`"${text}" is no time of at most a day: write 500ms, 30s, 2m or 1h`);
}
