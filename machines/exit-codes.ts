import type { ExitStatus } from './sidecar.types.js';

/** What an exit code stands for, by the conventions of those who give it. */
export type ExitMeaning =
  /** A shell's, of a program that was ended by a signal: 128 and its number. */
  | { readonly by: 'shell'; readonly signal: string; readonly number: number }
  /** A shell's, of a program that it could not run. */
  | { readonly by: 'shell-command'; readonly text: string }
  /** sysexits.h of BSD, which mail servers, compilers and many command lines follow. */
  | { readonly by: 'sysexits'; readonly name: string; readonly text: string }
  /** Node.js', when that is the program. */
  | { readonly by: 'node'; readonly text: string };

/** Those that have the same number on every Unix; of the others, Linux's. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

const SYSEXITS: Readonly<Record<number, readonly [name: string, text: string]>> = {
  64: ['EX_USAGE', 'it was called wrongly'],
  65: ['EX_DATAERR', 'its input was wrong'],
  66: ['EX_NOINPUT', 'its input could not be read'],
  67: ['EX_NOUSER', 'no such user'],
  68: ['EX_NOHOST', 'no such host'],
  69: ['EX_UNAVAILABLE', 'something that it needs is not available'],
  70: ['EX_SOFTWARE', 'an error in the program'],
  71: ['EX_OSERR', 'an error of the operating system'],
  72: ['EX_OSFILE', 'a file of the system is missing or wrong'],
  73: ['EX_CANTCREAT', 'its output could not be created'],
  74: ['EX_IOERR', 'reading or writing failed'],
  75: ['EX_TEMPFAIL', 'it may work another time'],
  76: ['EX_PROTOCOL', 'the other side answered wrongly'],
  77: ['EX_NOPERM', 'it was not permitted'],
  78: ['EX_CONFIG', 'its configuration is wrong'],
};

/** https://nodejs.org/api/process.html#exit-codes, those that programs hardly choose for themselves. */
const NODE: Readonly<Record<number, string>> = {
  9: 'an option of Node.js is unknown, or has no value',
  13: 'a top-level await was never settled',
};

/**
 * What an exit code stands for; null when no convention tells, as for 0, 1 and 2, or when a signal ended it.
 *
 * @param command the program that was run: Node.js has codes of its own
 */
export function meaningOfExit({ code }: ExitStatus, command: string): ExitMeaning | null {
  if (code === null) return null;
  if (code === 126) return { by: 'shell-command', text: 'found, but not executable' };
  if (code === 127) return { by: 'shell-command', text: 'command not found' };
  const signal = SIGNALS[code - 128];
  if (signal !== undefined) return { by: 'shell', signal, number: code - 128 };
  const [name, text] = SYSEXITS[code] ?? [];
  if (name !== undefined && text !== undefined) return { by: 'sysexits', name, text };
  const ofNode = isNode(command) ? NODE[code] : undefined;
  return ofNode === undefined ? null : { by: 'node', text: ofNode };
}

/** `128 + 9, SIGKILL`, `EX_CONFIG, its configuration is wrong`, `command not found`. */
export function explainMeaning(meaning: ExitMeaning): string {
  switch (meaning.by) {
    case 'shell':
      return `128 + ${meaning.number}, ${meaning.signal}`;
    case 'sysexits':
      return `${meaning.name}, ${meaning.text}`;
    case 'shell-command':
    case 'node':
      return meaning.text;
  }
}

function isNode(command: string): boolean {
  return /(?:^|[\\/])node(?:\.exe)?$/i.test(command);
}
