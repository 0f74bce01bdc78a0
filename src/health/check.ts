import type { Endpoint, LoadedLibrary } from '../../machines/sidecar.types.js';
import type { SingleCheckConfig } from '../config/check-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { createDirectCheck } from './direct.js';
import { createExecCheck } from './exec.js';
import { createFileCheck } from './file.js';
import { createGrpcCheck } from './grpc.js';
import { createHttpCheck } from './http.js';
import { createIpcCheck } from './ipc.js';
import { createLogCheck } from './log.js';
import type { Notices } from './notices.js';
import { createNotifyCheck } from './notify.js';
import { createProcessCheck } from './process.js';
import { createTcpCheck } from './tcp.js';

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

/** Makes a check. */
export async function createCheck(
  check: SingleCheckConfig,
  checked: CheckedProcess,
): Promise<Check | InstantCheck> {
  switch (check.type) {
    case 'http':
      return createHttpCheck(check, checked);
    case 'ipc':
      return createIpcCheck(checked);
    case 'tcp':
      return createTcpCheck(check, checked);
    case 'exec':
      return createExecCheck(check, checked);
    case 'file':
      return createFileCheck(check, checked);
    case 'log':
      return createLogCheck(check, checked);
    case 'notify':
      return createNotifyCheck(check, checked);
    case 'grpc':
      return createGrpcCheck(check, checked);
    case 'process':
      return createProcessCheck(checked);
    case 'direct':
      return createDirectCheck(checked);
  }
}
