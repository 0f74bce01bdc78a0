/**
 * How requests ended, counted since the sidecar was made. An answer counts by its status once it has come to its end;
 * one that is sent twice (`client.retry`) counts twice.
 */
export interface ClientTotals {
  readonly informational: number;
  readonly success: number;
  readonly redirect: number;
  readonly clientError: number;
  readonly serverError: number;
  /** The process ended before the answer did. */
  readonly died: number;
  /** The connection failed though the process lives. */
  readonly connection: number;
  /** Given up by who made it, too slow, or not HTTP. */
  readonly failed: number;
  /** Not sent: as `SidecarUnavailableError` has it. */
  readonly stopped: number;
  readonly timeout: number;
  readonly full: number;
  readonly circuitOpen: number;
}

export type RequestOutcome = keyof ClientTotals;

/** How many requests waited for the sidecar, and for how long altogether, in milliseconds; those that wait yet excluded. */
export interface ClientWaits {
  readonly count: number;
  readonly duration: number;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export const noTotals: ClientTotals = {
  informational: 0,
  success: 0,
  redirect: 0,
  clientError: 0,
  serverError: 0,
  died: 0,
  connection: 0,
  failed: 0,
  stopped: 0,
  timeout: 0,
  full: 0,
  circuitOpen: 0,
};

export const noWaits: ClientWaits = { count: 0, duration: 0 };

/** Numbers that the client keeps for whoever asks: to count costs a request a few nanoseconds, and no event. */
export class RequestCounts {
  readonly #totals: Mutable<ClientTotals> = { ...noTotals };
  #waits = 0;
  #waited = 0;

  get totals(): ClientTotals {
    return { ...this.#totals };
  }

  get waits(): ClientWaits {
    return { count: this.#waits, duration: this.#waited };
  }

  ended(outcome: RequestOutcome): void {
    this.#totals[outcome] += 1;
  }

  /** @param duration in milliseconds */
  waited(duration: number): void {
    this.#waits += 1;
    this.#waited += duration;
  }
}

export function outcomeOf(statusCode: number): RequestOutcome {
  if (statusCode < 200) return 'informational';
  if (statusCode < 300) return 'success';
  if (statusCode < 400) return 'redirect';
  return statusCode < 500 ? 'clientError' : 'serverError';
}
