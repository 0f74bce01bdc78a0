import type { OutputLine } from '../../machines/sidecar.types.js';
import type { CheckConfig, SingleCheckConfig } from '../config/check-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';

/** A line that somebody waits for. */
interface Sign {
  readonly pattern: RegExp;
  readonly stream: OutputLine['stream'] | undefined;
  readonly seen: (match: RegExpExecArray) => void;
}

/** Looks for each sign until it was seen once in the life of a process. */
export class LogSigns {
  #signs: readonly Sign[];

  constructor(signs: readonly Sign[]) {
    this.#signs = signs;
  }

  look(lines: readonly OutputLine[]): void {
    for (const { stream, line } of lines) {
      if (this.#signs.length === 0) return;
      this.#signs = this.#signs.filter((sign) => !isSeen(sign, stream, line));
    }
  }
}

function isSeen(sign: Sign, stream: OutputLine['stream'], line: string): boolean {
  if (sign.stream !== undefined && sign.stream !== stream) return false;
  const match = sign.pattern.exec(line);
  if (match === null) return false;
  sign.seen(match);
  return true;
}

/** The checks that are made, each part of a combined one for itself. */
export function singleChecks({ healthCheck }: ResolvedSidecarConfig): readonly SingleCheckConfig[] {
  const { startup, liveness, readiness } = healthCheck;
  return [startup, liveness, readiness].flatMap((check) => (check === undefined ? [] : partsOf(check)));
}

function partsOf(check: CheckConfig): readonly SingleCheckConfig[] {
  return check.type === 'all' || check.type === 'any' ? check.checks : [check];
}
