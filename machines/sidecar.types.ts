import type { ResolvedSidecarConfig } from '../src/config/schema.js';
import type { LimitAction, ResourceCounters, ResourceName } from './resource-limits.js';
import type { Backoff } from './restart-policy.js';
import type { Counters } from './thresholds.js';
import type { TransitionCause, TransitionRecord } from './transition-record.js';

export type * from './sidecar.commands.js';

/** Where the sidecar of the moment is reached. */
export type Endpoint =
  | { readonly transport: 'http'; readonly host: string; readonly port: number }
  | { readonly transport: 'ipc'; readonly socketPath: string }
  /** A shared library in this very process. */
  | { readonly transport: 'direct'; readonly library: string };

/** How a process ended: by itself with a code, or by a signal. */
export type ExitStatus =
  | { readonly code: number; readonly signal: null }
  | { readonly code: null; readonly signal: NodeJS.Signals };

/** Why it is believed that a process ended for want of memory. */
export type OutOfMemory =
  /** It was killed, and the kernel counted a kill for want of memory while it ran, in this file. */
  | { readonly by: 'kernel'; readonly counter: string }
  /** Its own runtime said so, in this line of its output. */
  | { readonly by: 'runtime'; readonly line: string };

/** A process that has ended, and the last lines that it printed (each cut at 1 KiB). */
export type ProcessExit = ExitStatus & {
  readonly pid: number;
  readonly tail: readonly string[];
  /** Null when it ended for another reason, or was told to end. */
  readonly outOfMemory: OutOfMemory | null;
};

/** One line of output, without its newline; one of more than 65,536 characters is cut there, and says so. */
export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

/** The result of asking one thing. `latency` is in milliseconds, `checkedAt` is a Unix time in milliseconds. */
export type CheckResult = {
  /** What was checked, for example `GET http://127.0.0.1:8080/health`. */
  readonly check: string;
  readonly latency: number;
  readonly checkedAt: number;
} & ({ readonly passed: true } | { readonly passed: false; readonly error: string });

/** The result of one health check, which may combine several. */
export type HealthReport = CheckResult & {
  /** Each thing that was asked, in the order of the configuration. */
  readonly checks: readonly CheckResult[];
};

/** How one check stands: its last result, and what led to it. */
export type CheckStanding = CheckResult & {
  /** In a row; one of the two is always 0. */
  readonly passes: number;
  readonly failures: number;
  /** Why it failed last, however long ago; null when it never did in this incarnation. */
  readonly lastError: string | null;
};

/** One kind of check, counted. */
export interface HealthCount extends Counters {
  readonly last: HealthReport | null;
  /** When those of the failures in a row were reported that came last (up to 10); Unix times in milliseconds. */
  readonly failedAt: readonly number[];
  readonly checks: readonly CheckStanding[];
}

/** What a process tells about itself, beside its output. */
export type ProcessNotice =
  /** A line that a `log` check waits for was printed; `pattern` is the source of its regular expression. */
  | { readonly type: 'log'; readonly pattern: string }
  /** `READY=1`, `WATCHDOG=1` and `STATUS=`, as sd_notify(3) has them. */
  | { readonly type: 'ready' }
  | { readonly type: 'watchdog' }
  | { readonly type: 'status'; readonly text: string };

/** What a check is told: also that what the process announced could not be understood. */
export type HealthNotice = ProcessNotice | { readonly type: 'unusable-endpoint'; readonly error: string };

/** The state of the client's circuit breaker. `open`: requests fail at once. `half-open`: one is let through to try. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Functions of a loaded shared library. A call after it was unloaded throws, as it must not reach the library. */
export interface LoadedLibrary {
  call(symbol: string, ...args: readonly unknown[]): unknown;
  callAsync(symbol: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Throws an error that says what is wrong with it; returns when its health function, if any, returned 0. */
  check(): void;
}

/** A line that the process handed over, kept out of everything that is logged, drawn or serialised. */
export interface Handoff {
  reveal(): string;
}

/** What the process group of the sidecar uses, all of its processes together. */
export interface ResourceSample {
  /** In MiB. */
  readonly memoryMB: number;
  /**
   * `rss`: resident memory, summed. `pss`: as that, but memory that several processes share counts in parts, so that
   * the sum counts it once; see proc_pid_smaps(5).
   */
  readonly memoryMeasure: 'pss' | 'rss';
  /** Processor time since the sample before, 100 being one core; of processes that ended meanwhile, too. */
  readonly cpuPercent: number;
  /** Open file descriptors; null where the platform does not tell. */
  readonly fileDescriptors: number | null;
  /** How many processes the group has, those not counted that have ended and wait for their parent. */
  readonly processes: number;
  /** Unix time in milliseconds. */
  readonly sampledAt: number;
}

/** Why a compilation did not work. */
export interface CompileFailure {
  readonly kind: 'not-found' | 'failed' | 'timeout' | 'no-output' | 'unusable';
  readonly message: string;
  /** The command line, as a user would type it. */
  readonly command: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines that the compiler printed. */
  readonly tail: readonly string[];
}

/** Why a process could not be started. A permanent failure is not worth a retry. */
export interface SpawnFailure {
  readonly code: string;
  readonly message: string;
  readonly permanent: boolean;
  /** Who runs the sidecar instead, if that is why. */
  readonly holder?: Holder;
}

/** Another program that runs the same sidecar. */
export interface Holder {
  readonly pid: number;
  /** Its command line, without the arguments of the script. */
  readonly command: string;
}

/** What an earlier run left, and what became of it. */
export interface EndedOrphan {
  readonly pid: number;
  readonly command: string;
  /** `killed`: it did not end within `stopTimeout`. */
  readonly outcome: 'terminated' | 'killed';
}

/** Why a sidecar is `stopped`. */
export type StopReason =
  /** A person or the host asked for it. */
  | 'requested'
  /** It is started by the first request, and there was none yet. */
  | 'lazy'
  /** It was not used for `idleTimeout`; the next request starts it. */
  | 'idle'
  | 'compile-failed'
  /** The process can't be started, and a retry would not help. */
  | 'spawn-failed'
  /** `maxRestarts` automatic restarts in `restartWindow` did not help. */
  | 'restarts-exhausted'
  /** It had to be replaced, and `autoRestart` is off. */
  | 'auto-restart-disabled'
  /** The process ended by itself, and `autoRestart` is off. */
  | 'exited'
  /** A process of the group is still there `killTimeout` after SIGKILL. */
  | 'unkillable'
  /** Another program took the sidecar over. */
  | 'taken';

/** The states as users name them: a leaf by its path. */
export type SidecarStateName =
  | 'compiling'
  | 'spawning'
  | 'waitingHealthy'
  | 'running'
  | 'degraded'
  | `restarting.${'recompiling' | 'terminating' | 'killing' | 'deciding' | 'backingOff'}`
  | `stopping.${'terminating' | 'killing'}`
  | 'stopped';

/** The process of the moment. It is there until its whole group is gone. */
export interface LiveProcess {
  readonly generation: number;
  readonly pid: number;
  /** Where it listens; null while it has not said so. */
  readonly endpoint: Endpoint | null;
  /** What it tells of itself in words (`STATUS=`). */
  readonly statusText: string | null;
  readonly handoff: Handoff | null;
  /** With the transport `direct`. */
  readonly library: LoadedLibrary | null;
  /** Set once the process itself has ended while others of its group still live. */
  readonly exit: ProcessExit | null;
}

export interface SidecarContext {
  readonly config: ResolvedSidecarConfig;
  /** Counts compilations, so that a late report of an aborted one is known as such. */
  readonly compilation: number;
  /** Counts incarnations; reports of an older one are ignored. */
  readonly generation: number;
  readonly process: LiveProcess | null;
  /** The start-up check until it passes, and the liveness check from then on. */
  readonly health: HealthCount;
  /** The readiness check of the process of the moment; without one configured, each is ready while it lives. */
  readonly readiness: HealthCount & { readonly isReady: boolean };
  readonly circuit: CircuitState;
  readonly resources: ResourceCounters & {
    readonly last: ResourceSample | null;
    /** The last samples, oldest first, of which a trend is made. */
    readonly recent: readonly ResourceSample[];
  };
  /** How the last process ended; null before the first and after a start that was asked for. */
  readonly lastExit: ProcessExit | null;
  /** What is wrong now: why the sidecar is degraded, restarting, or stopped against its will. */
  readonly trouble: TransitionCause | null;
  /** When automatic restarts within the window happened or are due: the one log that the budget is read from. */
  readonly restarts: readonly number[];
  /** Automatic restarts since it last was stable or its start was asked for: the exponent of the backoff. */
  readonly consecutiveRestarts: number;
  /** The delay that was chosen for the last automatic restart; null before the first. */
  readonly backoff: Backoff | null;
  /** What follows in `restarting` once no process is left. */
  readonly afterwards: 'decide' | 'compile' | 'spawn';
  /** When the patience of a `terminating` or `killing` state ends; null while no process is being ended. */
  readonly deadline: number | null;
  /** A START or RESTART that came while stopping; while stopping for want of requests, also a request. */
  readonly startAgain: boolean;
  /** Why it is stopped, or being stopped; null in every other state. */
  readonly reason: StopReason | null;
  /** The last transitions, oldest first. */
  readonly history: readonly TransitionRecord[];
}

/** What a user may tell a sidecar, in any state. */
export type SidecarCommand =
  | { readonly type: 'START' }
  | { readonly type: 'STOP' }
  | { readonly type: 'RESTART' }
  | { readonly type: 'RELOAD' };

/** What the compile actor reports. */
export type CompileReport =
  | { readonly type: 'compile.output'; readonly lines: readonly OutputLine[] }
  | {
      readonly type: 'compile.done';
      readonly compilation: number;
      /** `skipped`: the outputs were up to date. */
      readonly outcome: 'compiled' | 'skipped';
      /** In milliseconds. */
      readonly duration: number;
    }
  | { readonly type: 'compile.failed'; readonly compilation: number; readonly failure: CompileFailure };

/** What the process actor reports. */
export type ProcessReport =
  | {
      readonly type: 'process.spawned';
      readonly generation: number;
      readonly pid: number;
      /** Null when the process chooses and announces it. */
      readonly endpoint: Endpoint | null;
      readonly library: LoadedLibrary | null;
    }
  | { readonly type: 'process.noticed'; readonly generation: number; readonly notice: ProcessNotice }
  | { readonly type: 'process.handed'; readonly generation: number; readonly handoff: Handoff }
  | { readonly type: 'endpoint.announced'; readonly generation: number; readonly endpoint: Endpoint }
  /** What it announced could not be understood. */
  | { readonly type: 'endpoint.unusable'; readonly generation: number; readonly error: string }
  | { readonly type: 'process.failed'; readonly generation: number; readonly failure: SpawnFailure }
  | { readonly type: 'process.output'; readonly generation: number; readonly lines: readonly OutputLine[] }
  | {
      readonly type: 'process.exited';
      readonly generation: number;
      readonly exit: ProcessExit;
      /** How many other processes of its group were alive then. */
      readonly survivors: number;
    }
  /** Something in its state directory can't be read or kept. */
  | { readonly type: 'state.failed'; readonly error: string }
  /** What an earlier run left of the sidecar was ended, before another process is started. */
  | { readonly type: 'orphan.ended'; readonly orphan: EndedOrphan }
  /** Another program has taken the sidecar over; null when it is not known which. */
  | { readonly type: 'process.taken'; readonly by: Holder | null }
  /** It would outlive the host, should that be killed. */
  | { readonly type: 'process.unprotected'; readonly generation: number; readonly error: string }
  /** The last survivor of the group is gone. */
  | { readonly type: 'process.emptied'; readonly generation: number }
  /** The host was told to end (SIGINT, SIGTERM, SIGHUP) and waits for its sidecars. */
  | { readonly type: 'host.exiting'; readonly signal: NodeJS.Signals };

export type HealthCheckedReport = {
  readonly type: 'health.checked';
  readonly generation: number;
  readonly report: HealthReport;
};

/** The readiness check: it opens and closes the way for requests, and nothing else. */
export type ReadinessCheckedReport = {
  readonly type: 'readiness.checked';
  readonly generation: number;
  readonly report: HealthReport;
};

/** What the client of the sidecar reports. */
export type ClientReport =
  /** A request came, and there is nothing to serve it. */
  | { readonly type: 'client.requested' }
  /** No request was made and no stream was open for `idleTimeout`. */
  | { readonly type: 'client.idle'; readonly generation: number }
  | { readonly type: 'client.circuit'; readonly state: CircuitState };

export type ResourcesReport =
  | { readonly type: 'resources.sampled'; readonly generation: number; readonly sample: ResourceSample }
  /** The system does not tell what the process uses; told once an incarnation. */
  | { readonly type: 'resources.unavailable'; readonly generation: number; readonly error: string };

export type SidecarEvent =
  | SidecarCommand
  | CompileReport
  | ProcessReport
  | HealthCheckedReport
  | ReadinessCheckedReport
  | ResourcesReport
  | ClientReport
  /** What the sidecar prints can't be kept in its file. */
  | { readonly type: 'log.failed'; readonly error: string }
  /** Its sources can't be watched, or not all of them. */
  | { readonly type: 'watch.failed'; readonly error: string }
  /** Somebody wants a check now (`isHealthy()` with a stale report). */
  | { readonly type: 'health.requested' };

/** What listeners outside receive through `actor.on(type, …)`. */
export type SidecarEmitted =
  | { readonly type: 'transition'; readonly record: TransitionRecord }
  | ({ readonly type: 'output'; readonly source: 'compile' | 'process' } & OutputLine)
  | { readonly type: 'compiled'; readonly outcome: 'compiled' | 'skipped'; readonly duration: number }
  | { readonly type: 'compile-failed'; readonly failure: CompileFailure }
  | {
      readonly type: 'spawned';
      readonly pid: number;
      readonly generation: number;
      readonly endpoint: Endpoint | null;
    }
  /** An earlier run of the host had left a process, and it is gone now. */
  | ({ readonly type: 'orphan-ended' } & EndedOrphan)
  /** The process said where it listens. */
  | { readonly type: 'endpoint-announced'; readonly generation: number; readonly endpoint: Endpoint }
  /** The process told of itself in words. */
  | { readonly type: 'status-text'; readonly generation: number; readonly text: string }
  | { readonly type: 'readiness-checked'; readonly generation: number; readonly report: HealthReport }
  /** Requests are sent (again). */
  | { readonly type: 'ready'; readonly generation: number }
  /** Requests wait until it is ready again. */
  | { readonly type: 'not-ready'; readonly generation: number; readonly report: HealthReport }
  | { readonly type: 'circuit'; readonly state: CircuitState }
  | { readonly type: 'health-checked'; readonly generation: number; readonly report: HealthReport }
  | { readonly type: 'healthy'; readonly pid: number; readonly generation: number }
  | { readonly type: 'unhealthy'; readonly cause: TransitionCause }
  | { readonly type: 'recovered' }
  | {
      readonly type: 'resource-exhaustion';
      readonly resource: ResourceName;
      readonly value: number;
      readonly limit: number;
      readonly action: LimitAction;
    }
  /** A soft limit is broken. Told once, until it has been kept again. */
  | {
      readonly type: 'resource-warning';
      readonly resource: ResourceName;
      readonly value: number;
      readonly limit: number;
    }
  | ({ readonly type: 'process-death'; readonly generation: number } & ProcessExit)
  | {
      readonly type: 'restart-scheduled';
      readonly attempt: number;
      readonly delay: number;
      readonly cause: TransitionCause;
    }
  /** Something is not as it should be, and the sidecar goes on without it. */
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'restarts-exhausted'; readonly restarts: number; readonly cause: TransitionCause }
  | {
      readonly type: 'stopped';
      readonly reason: StopReason;
      readonly cause: TransitionCause | null;
      readonly exit: ProcessExit | null;
    };
