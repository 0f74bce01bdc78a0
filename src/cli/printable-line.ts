import { stripVTControlCharacters } from 'node:util';
import { coloured } from './colors.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour begins with.
const COLOUR = /(\u001b\[[\d;]*m)/;

/** A line that a sidecar printed. In a file or a pipe its colours would be noise. */
export function printableLine(line: string): string {
  return coloured ? colouredLine(line) : withoutControls(line);
}

/** Its colours only: whatever else it would do to a terminal, something else is drawn there. */
function colouredLine(line: string): string {
  const parts = line.split(COLOUR);
  // Every second part is what was split at.
  return parts.map((part, index) => (index % 2 === 1 ? part : withoutControls(part))).join('');
}

export function withoutControls(line: string): string {
  return [...stripVTControlCharacters(line)].filter(isPrintable).join('');
}

function isPrintable(character: string): boolean {
  return character === '\t' || (character >= ' ' && character !== '\u007f');
}
