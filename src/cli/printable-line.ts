import { stripVTControlCharacters } from 'node:util';
import { coloured } from './colors.js';

/** A line that a sidecar printed. In a file or a pipe its colours would be noise. */
export function printableLine(line: string): string {
  return coloured ? line : withoutControls(line);
}

function withoutControls(line: string): string {
  return [...stripVTControlCharacters(line)].filter(isPrintable).join('');
}

function isPrintable(character: string): boolean {
  return character === '\t' || (character >= ' ' && character !== '\u007f');
}
