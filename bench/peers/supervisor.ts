/** What is supervised, and how often. */
export interface Children {
  /** It reads PORT and REPORT. */
  readonly command: string;
  /** Where each reports to. */
  readonly report: string;
  readonly count: number;
  readonly firstPort: number;
}

/** A supervisor that runs as a service, with commands for it. */
export interface Supervisor {
  readonly name: string;
  /** The one command that a user types when nothing runs; resolves when that is done. */
  launch(): Promise<void>;
  /** Stops the children; the service stays. */
  stopAll(): Promise<void>;
  startAll(): Promise<void>;
  /** The pid of a child that runs. */
  anyChild(): number;
  /** The pids of the service itself. */
  processes(): readonly number[];
  /** Ends the service, and all that it runs. */
  end(): Promise<void>;
}
