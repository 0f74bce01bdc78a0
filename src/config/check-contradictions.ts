import type { ConfigProblem } from './config-error.js';
import { isRecord } from './is-record.js';
import { findForeignTemplates, type Reach } from './reach.js';

type Section = Readonly<Record<string, unknown>>;

interface PlacedCheck {
  /** Where it is, for example `healthCheck.liveness.checks[0]`. */
  readonly path: string;
  readonly check: Section;
}

/** Each check that is made, those of a combined one for themselves. */
export function checkParts(healthCheck: Section): PlacedCheck[] {
  return ['startup', 'liveness', 'readiness'].flatMap((role) => {
    const check = healthCheck[role];
    if (!isRecord(check)) return [];
    const path = `healthCheck.${role}`;
    const { type, checks } = check;
    if ((type !== 'all' && type !== 'any') || !Array.isArray(checks)) return [{ path, check }];
    return checks.flatMap((part: unknown, index) =>
      isRecord(part) ? [{ path: `${path}.checks[${index}]`, check: part }] : [],
    );
  });
}

/** Checks that could never pass, by how the sidecar is reached. */
export function findCheckContradictions(healthCheck: Section, reach: Reach): ConfigProblem[] {
  return checkParts(healthCheck).flatMap(({ path, check }) => {
    const message = findMismatch(check, reach);
    return [
      ...(message === null ? [] : [{ path, message }]),
      ...(check['type'] === 'exec' ? findForeignTemplates(reach, check['args'], `${path}.args`) : []),
    ];
  });
}

function findMismatch(check: Section, reach: Reach): string | null {
  if (reach === 'library') return findLibraryMismatch(check);
  if (check['type'] === 'direct') {
    return 'asks a shared library, but the sidecar is a process: use another type, or the transport "direct"';
  }
  if (reach === 'port' && check['type'] === 'ipc') {
    return 'connects to a Unix socket, but the sidecar listens on a TCP port: use the type "tcp", or the transport "ipc"';
  }
  return reach === 'socket' ? findSocketMismatch(check) : null;
}

function findSocketMismatch({ type = 'http', host, port }: Section): string | null {
  switch (type) {
    case 'tcp':
      if (host !== undefined && port !== undefined) return null;
      return 'connects to a TCP port, but the sidecar listens on a Unix socket: give both `host` and `port`, or use the type "ipc"';
    case 'http':
    case 'grpc':
      if (port === undefined) return null;
      return 'has a `port`, but the sidecar listens on a Unix socket: leave it out, which asks over the socket';
    default:
      return null;
  }
}

function findLibraryMismatch({ type = 'http', host, port }: Section): string | null {
  switch (type) {
    case 'tcp':
      if (host !== undefined && port !== undefined) return null;
      return 'connects to a port, but a shared library listens nowhere: give both `host` and `port`, or use the type "direct"';
    case 'http':
    case 'grpc':
    case 'ipc':
      return 'asks over a socket, but a shared library listens nowhere: use the type "direct"';
    case 'log':
    case 'notify':
    case 'file':
    case 'process':
      return 'asks a process, but a shared library has none of its own: use the type "direct"';
    default:
      return null;
  }
}
