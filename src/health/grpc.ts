import type { Client, ServiceError } from '@grpc/grpc-js';
import type { SingleCheckConfig } from '../config/check-schema.js';
import { connectableHost } from '../os/address.js';
import { watchFile } from '../os/file-watch.js';
import type { Check, CheckedProcess } from './check.js';
import { confirmListener } from './confirm-listener.js';
import { atPort, type ListeningEndpoint, requireEndpoint } from './listening-endpoint.js';
import { applyPermissions } from './permissions.js';

type Grpc = typeof import('@grpc/grpc-js');

const METHOD = '/grpc.health.v1.Health/Check';

/** The enumeration of HealthCheckResponse, in its order. */
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

const OPTIONS = {
  // Without these, it would ask the proxy of the environment, and the DNS for a configuration.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_retries': 0,
  // Otherwise a new channel would wait along with the failed connection of the one before.
  'grpc.use_local_subchannel_pool': 1,
};

/**
 * Asks grpc.health.v1.Health/Check; SERVING passes. Each call has a channel of its own: one that could not connect
 * waits before it tries again, while the server may have come up long ago.
 *
 * @param load imports the package, which is an optional one
 * @throws {Error} that says how to get the package when it is missing.
 */
export async function createGrpcCheck(
  { service, port }: Extract<SingleCheckConfig, { type: 'grpc' }>,
  checked: CheckedProcess,
  load: () => Promise<Grpc> = () => import('@grpc/grpc-js'),
): Promise<Check> {
  const endpoint = atPort(requireEndpoint(checked), port);
  const grpc = await load().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('the grpc check needs the package @grpc/grpc-js: npm install @grpc/grpc-js');
  });
  const targets = targetsOf(endpoint);
  const socketPath = endpoint.transport === 'ipc' ? endpoint.socketPath : null;
  const ask = (target: string, signal: AbortSignal) => {
    const client = new grpc.Client(target, grpc.credentials.createInsecure(), OPTIONS);
    return callOnce(client, service, signal).finally(() => client.close());
  };

  const check: Check = {
    name: `grpc.health.v1.Health/Check${service === '' ? '' : ` of ${service}`} at ${targets[0]}`,
    async run(signal) {
      if (socketPath !== null) applyPermissions(socketPath, checked.config.ipc.permissions);
      const [first, ...others] = targets;
      let asked = ask(first, signal);
      for (const target of others) {
        asked = asked.catch((error: unknown) => {
          if (isServiceError(error) && error.code === grpc.status.UNAVAILABLE) return ask(target, signal);
          throw error;
        });
      }
      const status = await asked.catch((error: unknown) => {
        throw isServiceError(error) ? new Error(explain(error, service, grpc)) : error;
      });
      if (status !== 'SERVING') throw new Error(`it answered with ${status}`);
    },
    ...(socketPath !== null && { watch: (changed: () => void) => watchFile(socketPath, changed) }),
    // The signal of a check ends its call, and the call its channel.
    close() {},
  };
  return confirmListener(check, endpoint, checked);
}

/** Where to ask, one after the other: `localhost` is both loopback addresses. */
function targetsOf(endpoint: ListeningEndpoint): readonly [string, ...string[]] {
  if (endpoint.transport === 'ipc') return [`unix:${endpoint.socketPath}`];
  const { host, port } = endpoint;
  if (host === 'localhost') return [`dns:127.0.0.1:${port}`, `dns:[::1]:${port}`];
  const address = connectableHost(host);
  return [`dns:${address.includes(':') ? `[${address}]` : address}:${port}`];
}

function callOnce(client: Client, service: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const giveUp = () => call.cancel();
    const call = client.makeUnaryRequest(
      METHOD,
      writeRequest,
      readResponse,
      service,
      (error, status = '') => {
        signal.removeEventListener('abort', giveUp);
        if (signal.aborted) reject(signal.reason);
        else if (error !== null) reject(error);
        else resolve(status);
      },
    );
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** `message HealthCheckRequest { string service = 1; }`, as it is on the wire. */
function writeRequest(service: string): Buffer {
  if (service === '') return Buffer.alloc(0);
  const text = Buffer.from(service);
  return Buffer.concat([Buffer.from([0x0a, ...variableInteger(text.length)]), text]);
}

/** `message HealthCheckResponse { ServingStatus status = 1; }`: its only field, left out when it is 0. */
function readResponse(message: Buffer): string {
  const [tag, status = 0] = message;
  const value = tag === 0x08 ? status : 0;
  return STATUSES[value] ?? `status ${value}`;
}

/** Seven bits a byte, the lowest first; all but the last byte have the eighth set. */
function variableInteger(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...variableInteger(value >>> 7)];
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error;
}

function explain({ code, details }: ServiceError, service: string, { status }: Grpc): string {
  if (code === status.UNIMPLEMENTED) return 'it does not implement grpc.health.v1.Health';
  if (code === status.NOT_FOUND) {
    return service === ''
      ? 'it does not tell the health of the whole server'
      : `it knows no service ${service}`;
  }
  return `${status[code]}: ${details}`;
}
