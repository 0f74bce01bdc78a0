import { resolve } from 'node:path';

/** A setting of a unit; null leaves it at its default. */
export type Setting = readonly [name: string, value: string | number | null];

export type Section = readonly [name: string, settings: readonly Setting[]];

/** The text of a unit for systemd. */
export function writeUnit(sections: readonly Section[]): string {
  return sections.map(writeSection).join('\n');
}

function writeSection([name, settings]: Section): string {
  const lines = settings.flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]));
  return [`[${name}]`, ...lines, ''].join('\n');
}

/** Systemd wants an absolute path, or a name that it looks up itself. */
export function execStart(cwd: string, [command, ...args]: readonly [string, ...string[]]): string {
  const program = command.includes('/') ? resolve(cwd, command) : command;
  return [program, ...args].map((each) => quoted(each).replaceAll('$', '$$$$')).join(' ');
}

/** As "Quoting" in systemd.syntax(7) has it; a percent sign begins a specifier. */
export function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('%', '%%');
  return /^[\w./:=@%+,-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** `4.5s`: systemd takes fractions. */
export function inSeconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}
