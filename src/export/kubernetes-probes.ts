import type { CheckConfig, SingleCheckConfig } from '../config/check-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import type { DeployedSidecar, ExportNote } from './deployed-sidecar.js';

/** How a probe asks; see "Probe" of the Kubernetes API. */
type Handler =
  | { readonly httpGet: HttpGet }
  | { readonly tcpSocket: { readonly port: number } }
  | { readonly grpc: { readonly port: number; readonly service?: string } }
  | { readonly exec: { readonly command: readonly string[] } };

interface HttpGet {
  readonly path: string;
  readonly port: number;
  readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
}

export type Probe = Handler & {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
  readonly successThreshold?: number;
};

export interface Probes {
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}

/** The shortest period of a probe. */
const SECOND = 1000;

/** The three probes, and the checks that no probe can make. */
export function probesOf(sidecar: DeployedSidecar): { probes: Probes; notes: readonly ExportNote[] } {
  const { healthCheck } = sidecar.config;
  const liveness: CheckConfig = healthCheck.liveness ?? defaultCheck(sidecar.config);
  const asks = {
    startup: handlerOf(healthCheck.startup ?? liveness, sidecar),
    liveness: handlerOf(liveness, sidecar),
    readiness: healthCheck.readiness === undefined ? null : handlerOf(healthCheck.readiness, sidecar),
  };
  const timeoutSeconds = seconds(healthCheck.timeout);
  const probes: Probes = {
    ...(isHandler(asks.startup) && {
      startupProbe: {
        ...asks.startup,
        periodSeconds: 1,
        timeoutSeconds,
        failureThreshold: seconds(healthCheck.startupTimeout),
      },
    }),
    ...(isHandler(asks.liveness) && {
      livenessProbe: {
        ...asks.liveness,
        periodSeconds: seconds(healthCheck.interval),
        timeoutSeconds,
        failureThreshold: healthCheck.failureThreshold,
      },
    }),
    ...(asks.readiness !== null &&
      isHandler(asks.readiness) &&
      healthCheck.readiness !== undefined && {
        readinessProbe: {
          ...asks.readiness,
          periodSeconds: seconds(healthCheck.readiness.interval),
          timeoutSeconds,
          failureThreshold: healthCheck.readiness.failureThreshold,
          successThreshold: healthCheck.readiness.successThreshold,
        },
      }),
  };
  const notes = Object.entries(asks).flatMap(([kind, handler]) =>
    handler === null || isHandler(handler)
      ? []
      : [{ setting: `healthCheck.${kind}`, note: handler.impossible }],
  );
  return { probes, notes: [...notes, ...degradedNotes(sidecar.config)] };
}

type Impossible = { readonly impossible: string };

function isHandler(handler: Handler | Impossible): handler is Handler {
  return !('impossible' in handler);
}

function defaultCheck({ healthCheck }: ResolvedSidecarConfig): SingleCheckConfig {
  return { type: 'http', path: healthCheck.path, headers: {} };
}

function handlerOf(check: CheckConfig, sidecar: DeployedSidecar): Handler | Impossible {
  const { address } = sidecar;
  const port = 'port' in check && check.port !== undefined ? check.port : portOf(sidecar);
  switch (check.type) {
    case 'http':
      return address.transport === 'ipc' || port === null
        ? { impossible: 'no probe asks over a Unix socket' }
        : httpGet(check, port);
    case 'tcp':
      return port === null ? { impossible: 'there is no TCP port to connect to' } : { tcpSocket: { port } };
    case 'grpc': {
      if (port === null) return { impossible: 'no probe asks over a Unix socket' };
      return { grpc: { port, ...(check.service !== '' && { service: check.service }) } };
    }
    case 'exec':
      return { exec: { command: [check.command, ...check.args] } };
    case 'file':
      return { exec: { command: ['test', '-e', check.path] } };
    case 'ipc':
      return {
        impossible: 'no probe connects to a Unix socket; an exec probe with a program of your image can',
      };
    case 'process':
      return { impossible: 'needs no probe: a container whose process ends is started again' };
    case 'log':
    case 'notify':
      return {
        impossible: `no probe sees ${check.type === 'log' ? 'a line of the log' : 'what a process notifies'}`,
      };
    case 'all':
    case 'any':
      return { impossible: 'a probe asks one thing only; ask the most telling one' };
    case 'direct':
      return { impossible: 'there is no shared library to ask' };
  }
}

function httpGet(check: Extract<CheckConfig, { type: 'http' }>, port: number): Handler | Impossible {
  if (check.body !== undefined || check.json !== undefined || check.status !== undefined) {
    return { impossible: 'a probe passes with any status from 200 to 399, and looks at no body' };
  }
  const httpHeaders = Object.entries(check.headers).map(([name, value]) => ({ name, value }));
  return { httpGet: { path: check.path, port, ...(httpHeaders.length > 0 && { httpHeaders }) } };
}

function portOf({ address }: DeployedSidecar): number | null {
  return address.transport === 'http' ? address.port : null;
}

function degradedNotes({ healthCheck }: ResolvedSidecarConfig): ExportNote[] {
  return [
    {
      setting: 'healthCheck.degradedTimeout',
      note: `there is no state between healthy and restarted: after ${healthCheck.failureThreshold} failures it is restarted at once`,
    },
    { setting: 'healthCheck.retryInterval', note: 'a probe that failed is repeated no sooner' },
  ];
}

/** Rounded up, and never 0. */
export function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / SECOND));
}
