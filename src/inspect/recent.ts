import type { CheckResult, HealthReport, ResourceSample } from '../../machines/sidecar.types.js';
import { readJsonLine } from '../log/json-line.js';
import { LineRing } from '../output/line-ring.js';
import type { Redactor } from '../redact/redactor.js';
import type { Sidecar } from '../sidecar.js';
import type { ShownHealth, ShownLine, ShownSample } from './messages.js';

/** How many samples and health reports are kept. */
const MOST_REPORTS = 120;

/** A line as it was printed: what is made of it costs nothing until somebody looks. */
export interface PrintedLine extends Omit<ShownLine, 'level'> {
  readonly line: string;
}

/** Told of each as it comes. */
export interface RecentListener {
  readonly line: (line: PrintedLine) => void;
  readonly sample: (sample: ResourceSample) => void;
  readonly health: (report: HealthReport) => void;
}

/** What a sidecar has printed and reported of late, for those who come later. To keep it costs a push each. */
export class Recent {
  readonly #lines = new LineRing<PrintedLine>();
  readonly #samples: ResourceSample[] = [];
  readonly #healths: HealthReport[] = [];
  readonly #endings: readonly (() => void)[];
  #listener: RecentListener | null = null;

  constructor(sidecar: Sidecar) {
    const { actor } = sidecar;
    let known: ResourceSample | null = actor.getSnapshot().context.resources.last;
    // No event tells what it uses; the snapshot does.
    const subscription = actor.subscribe(({ context }) => {
      const { last } = context.resources;
      if (last === known) return;
      known = last;
      if (last === null) return;
      push(this.#samples, last);
      this.#listener?.sample(last);
    });
    this.#endings = [
      () => subscription.unsubscribe(),
      sidecar.on('output', ({ source, stream, line }) => {
        const { generation, process } = actor.getSnapshot().context;
        const printed = {
          time: Date.now(),
          stream: source === 'compile' ? ('compile' as const) : stream,
          line,
          generation,
          pid: source === 'compile' ? null : (process?.pid ?? null),
        };
        this.#lines.add(printed);
        this.#listener?.line(printed);
      }),
      sidecar.on('health-checked', ({ report }) => {
        push(this.#healths, report);
        this.#listener?.health(report);
      }),
    ];
  }

  /** Whom it tells of what comes. */
  set listener(listener: RecentListener) {
    this.#listener = listener;
  }

  lines(count: number): readonly PrintedLine[] {
    return this.#lines.last(count);
  }

  get samples(): readonly ResourceSample[] {
    return this.#samples;
  }

  get healths(): readonly HealthReport[] {
    return this.#healths;
  }

  close(): void {
    for (const end of this.#endings) end();
  }
}

function push<Report>(reports: Report[], added: Report): void {
  reports.push(added);
  if (reports.length > MOST_REPORTS) reports.shift();
}

/** A line of a terminal that is longer is cut: nobody reads on. In characters. */
const LONGEST = 4096;

export function shownLine(printed: PrintedLine, redactor: Redactor): ShownLine {
  const { line } = printed;
  const text = redactor.text(line);
  return {
    ...printed,
    line: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text,
    level: readJsonLine(line)?.level ?? null,
  };
}

export function shownSample({
  sampledAt,
  memoryMB,
  cpuPercent,
  fileDescriptors,
}: ResourceSample): ShownSample {
  return { time: sampledAt, memoryMB, cpuPercent, fileDescriptors };
}

export function shownHealth(report: HealthReport, redactor: Redactor): ShownHealth {
  const { checkedAt, latency, passed } = report;
  return {
    time: checkedAt,
    latency,
    healthy: passed,
    report: {
      ...withoutSecret(report, redactor),
      checks: report.checks.map((check) => withoutSecret(check, redactor)),
    },
  };
}

function withoutSecret(result: CheckResult, redactor: Redactor) {
  const { check, latency, checkedAt, passed } = result;
  const error = result.passed ? {} : { error: redactor.text(result.error) };
  return { check: redactor.text(check), latency, checkedAt, passed, ...error };
}
