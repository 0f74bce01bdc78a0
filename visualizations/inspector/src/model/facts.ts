import { isRecord } from '../../../../src/config/is-record.js';
import type { HostMessageOf } from '../../../../src/inspect/messages.js';

export type StatusMessage = HostMessageOf<'service.status'>;

/** What is shown of a status. What an older or newer host does not tell is null. */
export interface Facts {
  readonly state: string;
  /** When that state was entered; Unix time in milliseconds. */
  readonly since: number | null;
  readonly reason: string | null;
  readonly generation: number | null;
  readonly pid: number | null;
  readonly endpoint: string | null;
  readonly statusText: string | null;
  readonly isReady: boolean | null;
  readonly circuit: string | null;
  readonly requests: { readonly inFlight: number; readonly waiting: number } | null;
  /** Automatic restarts that count against the budget. `window` is in milliseconds. */
  readonly restarts: { readonly used: number; readonly max: number; readonly window: number } | null;
}

export function factsOf(status: StatusMessage['status']): Facts {
  const { state, since, reason, generation, pid, endpoint, statusText, readiness, client, restarts } = status;
  return {
    state,
    since,
    reason: textIn(reason),
    generation: numberIn(generation),
    pid: numberIn(pid),
    endpoint: endpointText(endpoint),
    statusText: textIn(statusText),
    isReady: isRecord(readiness) && typeof readiness['isReady'] === 'boolean' ? readiness['isReady'] : null,
    circuit: isRecord(client) ? textIn(client['circuit']) : null,
    requests: requestsIn(client),
    restarts: restartsIn(restarts),
  };
}

function requestsIn(client: unknown): Facts['requests'] {
  if (!isRecord(client)) return null;
  const [inFlight, waiting] = [numberIn(client['inFlight']), numberIn(client['waiting'])];
  return inFlight === null || waiting === null ? null : { inFlight, waiting };
}

function restartsIn(restarts: unknown): Facts['restarts'] {
  if (!isRecord(restarts)) return null;
  const { used, max, window } = restarts;
  if (typeof used !== 'number' || typeof max !== 'number' || typeof window !== 'number') return null;
  return { used, max, window };
}

function endpointText(endpoint: unknown): string | null {
  if (!isRecord(endpoint)) return null;
  const { transport, host, port, socketPath, library } = endpoint;
  if (transport === 'ipc') return textIn(socketPath);
  if (transport === 'direct') return textIn(library);
  if (typeof host !== 'string' || typeof port !== 'number') return null;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
