import {
  redactArguments,
  redactFields,
  redactText,
  type Secrets,
  secretArguments,
  secretVariables,
} from './redact.js';

/** A shorter value is masked only behind its name: it may be a word of any text. */
const SHORTEST_VALUE = 6;

/** How many values are remembered: a function for the environment may give new ones with each process. */
const MOST_VALUES = 256;

/** What of a configuration may hold secrets. */
export interface SecretHolder {
  readonly redact: readonly string[];
  readonly process: { readonly args: readonly string[] };
  readonly compile?:
    | {
        readonly args: readonly string[];
        readonly env: Readonly<Record<string, string | undefined>>;
      }
    | undefined;
}

/** Takes the secrets of one sidecar out of whatever is shown of it. */
export class Redactor {
  /** Of the values, the latest last. */
  #secrets: Secrets;

  constructor({ redact, process, compile }: SecretHolder) {
    this.#secrets = { names: redact, values: [] };
    this.#learn(secretArguments([...process.args, ...(compile?.args ?? [])], this.#secrets));
    this.learn(compile?.env ?? {});
  }

  /** Remembers the secrets of an environment that a process is given. */
  learn(environment: Readonly<Record<string, string | undefined>>): void {
    this.#learn(secretVariables(environment, this.#secrets));
  }

  text(text: string): string {
    return redactText(text, this.#secrets);
  }

  lines(lines: readonly string[]): readonly string[] {
    return lines.map((line) => this.text(line));
  }

  /** A command line as a user would type it. */
  command(command: string, args: readonly string[]): string {
    return redactArguments([command, ...args], this.#secrets).join(' ');
  }

  fields(fields: unknown): unknown {
    return redactFields(fields, this.#secrets);
  }

  #learn(values: readonly string[]): void {
    // A key in PEM has many lines, and is printed line by line.
    const lines = values.flatMap((each) => each.split(/\r?\n/));
    const learned = new Set(lines.filter(({ length }) => length >= SHORTEST_VALUE));
    if (learned.size === 0) return;
    const known = this.#secrets.values.filter((value) => !learned.has(value));
    this.#secrets = { ...this.#secrets, values: [...known, ...learned].slice(-MOST_VALUES) };
  }
}

const redactors = new WeakMap<SecretHolder, Redactor>();

/** The one redactor of a configuration: what it has learned from one process is known to whoever shows something. */
export function redactorOf(config: SecretHolder): Redactor {
  const known = redactors.get(config);
  if (known !== undefined) return known;
  const redactor = new Redactor(config);
  redactors.set(config, redactor);
  return redactor;
}
