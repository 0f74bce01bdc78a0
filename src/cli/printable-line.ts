import { stripVTControlCharacters } from 'node:util';
import colors from 'picocolors';

/** A line that a sidecar printed. In a file or a pipe its colours would be noise. */
export function printableLine(line: string): string {
  return colors.isColorSupported ? line : withoutControls(line);
}

function withoutControls(line: string): string {
  return [...stripVTControlCharacters(line)].filter(isPrintable).join('');
}

function isPrintable(character: string): boolean {
  return character === '\t' || (character >= ' ' && character !== '\u007f');
}
