import { explainTransition, type SidecarEmitted, type SidecarStateName } from '../index.js';
import { colors } from './colors.js';
import { printableLine } from './printable-line.js';

type Colour = (text: string) => string;

/** As wide as the longest name of a state. */
const STATE_WIDTH = 22;

/** What `sidecar run` prints of an event, in the colours of the terminal; nothing of what another line tells. */
export function eventLines(
  name: string,
  event: SidecarEmitted,
  time: number,
  width = name.length,
): readonly string[] {
  const prefix = linePrefix(name, time, width);
  switch (event.type) {
    case 'transition': {
      const { record } = event;
      // Decided at once: what was decided is told by the next line.
      if (record.to === 'restarting.deciding') return [];
      const state = colourOf(record.to)(record.to.padEnd(STATE_WIDTH));
      return [`${prefix}  ${state}  ${explainTransition(record)}`];
    }
    case 'output': {
      return [
        `${prefix}  ${colors.dim(event.source === 'compile' ? 'compiler |' : '|')} ${printableLine(event.line)}`,
      ];
    }
    case 'compile-failed':
      return [`${prefix}  ${colors.red(event.failure.message)}`];
    case 'warning':
      return [`${prefix}  ${colors.yellow(`warning: ${event.message}`)}`];
    case 'not-ready': {
      const why = event.report.passed ? '' : `: ${event.report.error}`;
      return [`${prefix}  ${colors.yellow(`not ready${why}`)}`];
    }
    case 'ready':
      return [`${prefix}  ready`];
    case 'circuit':
      return [`${prefix}  the circuit is ${event.state}`];
    default:
      return [];
  }
}

/** @param width of the longest name, so that what follows stands in a column */
export function linePrefix(name: string, time: number, width: number): string {
  return `${colors.dim(clock(time))}  ${colors.bold(name.padEnd(width))}`;
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 23);
}

function colourOf(state: SidecarStateName): Colour {
  if (state === 'running') return colors.green;
  if (state === 'degraded' || state.startsWith('restarting')) return colors.yellow;
  return colors.cyan;
}
