import { stringify } from 'yaml';
import type { CheckConfig } from '../config/check-schema.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import {
  type DeployedSidecar,
  deployedSidecar,
  type Exported,
  type ExportNote,
  notesAsComment,
  withoutCounterpart,
} from './deployed-sidecar.js';

/**
 * A service for Docker Compose; see the Compose specification.
 *
 * @param image the image that has the sidecar's program
 * @throws {NotExportableError} with the transport `direct`
 */
export function exportCompose(config: ResolvedSidecarConfig, image: string): Exported {
  const sidecar = deployedSidecar(config, '0.0.0.0');
  const { process, resources } = config;
  const healthcheck = healthcheckOf(sidecar);
  const memoryMB = resources.hard.memoryMB ?? resources.maxMemoryMB;
  const service = {
    image,
    // The first process of a container must wait for those that others left.
    init: true,
    command: sidecar.command.map(withoutInterpolation),
    ...(sidecar.variables.length > 0 && { environment: environmentOf(sidecar) }),
    ...(sidecar.address.transport === 'http' && { expose: [String(sidecar.address.port)] }),
    ...('test' in healthcheck && { healthcheck }),
    restart: process.autoRestart ? `on-failure:${process.maxRestarts}` : 'no',
    stop_signal: process.stopSignal,
    stop_grace_period: milliseconds(process.stopTimeout),
    ...(memoryMB !== null && { mem_limit: `${Math.ceil(memoryMB)}m` }),
    ...(resources.maxCPUPercent !== null && { cpus: resources.maxCPUPercent / 100 }),
    ...(resources.hard.cpus !== null && { cpuset: resources.hard.cpus }),
    ...ulimitsOf(config),
  };
  const notes = [
    ...sidecar.notes,
    ...('impossible' in healthcheck ? [{ setting: 'healthCheck', note: healthcheck.impossible }] : []),
    ...lostSettings(config),
  ];
  const text = stringify({ services: { [config.name]: service } }, { lineWidth: 0 });
  return { text: `${notesAsComment(notes)}${text}`, notes };
}

type Healthcheck =
  | {
      readonly test: readonly string[];
      readonly interval: string;
      readonly timeout: string;
      readonly retries: number;
      readonly start_period: string;
    }
  | { readonly impossible: string };

function healthcheckOf(sidecar: DeployedSidecar): Healthcheck {
  const { healthCheck } = sidecar.config;
  const test = testOf(healthCheck.liveness ?? { type: 'http', path: healthCheck.path, headers: {} }, sidecar);
  if ('impossible' in test) return test;
  return {
    test: test.command.map(withoutInterpolation),
    interval: milliseconds(healthCheck.interval),
    timeout: milliseconds(healthCheck.timeout),
    retries: healthCheck.failureThreshold,
    start_period: milliseconds(healthCheck.startupTimeout),
  };
}

/** What is run in the container. The image must have it. */
function testOf(
  check: CheckConfig,
  { address }: DeployedSidecar,
): { readonly command: readonly string[] } | { readonly impossible: string } {
  switch (check.type) {
    case 'exec':
      return { command: ['CMD', check.command, ...check.args] };
    case 'file':
      return { command: ['CMD', 'test', '-e', check.path] };
    case 'http': {
      const headers = Object.entries(check.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
      const curl = ['CMD', 'curl', '-fsS', '-o', '/dev/null', ...headers];
      if (address.transport === 'ipc') {
        return { command: [...curl, '--unix-socket', address.socketPath, `http://localhost${check.path}`] };
      }
      return { command: [...curl, `http://127.0.0.1:${check.port ?? address.port}${check.path}`] };
    }
    default:
      return {
        impossible: `a check of the type "${check.type}" can't be made by a command that every image has`,
      };
  }
}

function environmentOf({ variables }: DeployedSidecar): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variables.map((each) => [
      each.name,
      // A secret comes from the environment of `docker compose`, which refuses to go on without it.
      'isSecret' in each ? `\${${each.name}:?is not set}` : withoutInterpolation(each.value),
    ]),
  );
}

/** A dollar sign begins a variable of Compose's own. */
function withoutInterpolation(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function ulimitsOf({ resources }: ResolvedSidecarConfig): object {
  const descriptors = resources.hard.fileDescriptors ?? resources.maxFileDescriptors;
  return descriptors === null ? {} : { ulimits: { nofile: Math.ceil(descriptors) } };
}

function lostSettings(config: ResolvedSidecarConfig): ExportNote[] {
  const { process, healthCheck, resources, lazy, idleTimeout, compile, transport } = config;
  return withoutCounterpart([
    { setting: 'compile', isSet: compile !== undefined, instead: 'the image has the program that it makes' },
    {
      setting: 'process.cwd',
      isSet: process.cwd !== '.',
      instead: 'the program is run in the working directory of the image',
    },
    {
      setting: 'process.restartDelay, backoffFactor, …',
      isSet: process.autoRestart,
      instead: 'Docker waits 100 ms before a restart, twice as long each time, up to a minute',
    },
    {
      setting: 'process.autoRestart',
      isSet: process.autoRestart,
      instead: 'an exit with code 0 is not followed by a restart there',
    },
    {
      setting: 'healthCheck.degradedTimeout',
      isSet: true,
      instead: 'a container that is unhealthy is shown as such, and not restarted',
    },
    {
      setting: 'healthCheck.readiness',
      isSet: healthCheck.readiness !== undefined,
      instead: 'there is one health check only',
    },
    {
      setting: 'resources.maxMemoryMB',
      isSet: resources.maxMemoryMB !== null,
      instead: 'is a hard limit there: the kernel ends what needs more',
    },
    {
      setting: 'resources.hard.addressSpaceMB, nice',
      isSet: resources.hard.addressSpaceMB !== null || resources.hard.nice !== null,
      instead: 'are not applied',
    },
    {
      setting: 'ipc.socketPath',
      isSet: transport === 'ipc',
      instead: 'its folder must be a volume that both services mount',
    },
    { setting: 'lazy', isSet: lazy, instead: 'it is started with the others' },
    {
      setting: 'idleTimeout',
      isSet: idleTimeout !== null,
      instead: 'it is not stopped for want of requests',
    },
  ]);
}

function milliseconds(time: number): string {
  return `${time}ms`;
}
