import type { Endpoint, LoadedLibrary } from '../../machines/sidecar.types.js';
import type { SingleCheckConfig } from '../config/check-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import type { Notices } from './notices.js';

/** What every check has. It belongs to one incarnation. */
interface AnyCheck {
  /** What is asked, for people: `GET http://127.0.0.1:8080/health`. */
  readonly name: string;
  /**
   * Calls `changed` whenever the answer may have changed, until the returned function is called: a check is then
   * made at once instead of at its next time.
   */
  watch?(changed: () => void): () => void;
  /** Gives up everything that the check holds. */
  close(): void;
}

/** One way to ask a sidecar whether it is well. */
export interface Check extends AnyCheck {
  /** Resolves when the sidecar is well; rejects with an `Error` that says why not. */
  run(signal: AbortSignal): Promise<void>;
}

/** A check that knows without asking, and is not to make anybody wait. */
export interface InstantCheck extends AnyCheck {
  /** Returns when the sidecar is well; throws an `Error` that says why not. */
  look(): void;
}

/** The incarnation that is checked. */
export interface CheckedProcess {
  readonly config: ResolvedSidecarConfig;
  readonly pid: number;
  /** Null while it has not said where it listens. */
  readonly endpoint: Endpoint | null;
  readonly library: LoadedLibrary | null;
  /** What it told of itself so far. */
  readonly notices: Notices;
}

/** Makes a check. What it needs is loaded when it is first needed: undici takes tens of milliseconds to import. */
export async function createCheck(
  check: SingleCheckConfig,
  checked: CheckedProcess,
): Promise<Check | InstantCheck> {
  switch (check.type) {
    case 'http': {
      const { createHttpCheck } = await import('./http.js');
      return createHttpCheck(check, checked);
    }
    case 'ipc': {
      const { createIpcCheck } = await import('./ipc.js');
      return createIpcCheck(checked);
    }
    case 'tcp': {
      const { createTcpCheck } = await import('./tcp.js');
      return createTcpCheck(check, checked);
    }
    case 'exec': {
      const { createExecCheck } = await import('./exec.js');
      return createExecCheck(check, checked);
    }
    case 'file': {
      const { createFileCheck } = await import('./file.js');
      return createFileCheck(check, checked);
    }
    case 'log': {
      const { createLogCheck } = await import('./log.js');
      return createLogCheck(check, checked);
    }
    case 'notify': {
      const { createNotifyCheck } = await import('./notify.js');
      return createNotifyCheck(check, checked);
    }
    case 'grpc': {
      const { createGrpcCheck } = await import('./grpc.js');
      return createGrpcCheck(check, checked);
    }
    case 'process': {
      const { createProcessCheck } = await import('./process.js');
      return createProcessCheck(checked);
    }
    case 'direct': {
      const { createDirectCheck } = await import('./direct.js');
      return createDirectCheck(checked);
    }
  }
}
