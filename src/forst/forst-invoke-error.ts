import { SidecarError } from '../sidecar-error.js';

/** An error of Forst's own types (`error CellTaken { … }`), as far as the server tells. */
export interface ForstErrorValue {
  /** Its name, such as `CellTaken`. */
  readonly tag: string;
  /** Its fields. */
  readonly payload?: unknown;
  readonly message?: string | undefined;
}

/** What was asked of a Forst server. */
export interface ForstTarget {
  /** For messages, such as `main.Greet` or `GET /functions`. */
  readonly name: string;
  /** Null when it is no function that was called. */
  readonly package: string | null;
  readonly function: string | null;
}

/** What a Forst server answered instead of a result. */
export interface ForstRefusal {
  readonly forstError: string;
  readonly status: number | null;
  readonly errorValue?: ForstErrorValue | undefined;
}

/**
 * A Forst server answered, but with no result: the function failed, there is none of that name, the call could not be
 * proved, or the answer is none of Forst's.
 */
export class ForstInvokeError extends SidecarError {
  override readonly name = 'ForstInvokeError';
  /** Null for `functions()` and `version()`. */
  readonly package: string | null;
  /** Null for `functions()` and `version()`. */
  readonly function: string | null;
  /** What Forst says is wrong, in its own words. */
  readonly forstError: string;
  /** The HTTP status; null when it was not sent. */
  readonly status: number | null;
  /** The error as a value, when it is one of the types that the program declares; null otherwise. */
  readonly errorValue: ForstErrorValue | null;

  constructor(sidecar: string, target: ForstTarget, { forstError, status, errorValue }: ForstRefusal) {
    super(`${target.name} of the sidecar "${sidecar}" failed: ${forstError}`);
    this.package = target.package;
    this.function = target.function;
    this.forstError = forstError;
    this.status = status;
    this.errorValue = errorValue ?? null;
  }
}
