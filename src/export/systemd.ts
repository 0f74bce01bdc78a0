import { resolve } from 'node:path';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import {
  deployedSidecar,
  type Exported,
  type ExportNote,
  notesAsComment,
  type Variable,
  withoutCounterpart,
} from './deployed-sidecar.js';
import { execStart, inSeconds, quoted, type Section, type Setting, writeUnit } from './unit-file.js';

/**
 * A unit for systemd; see systemd.service(5), systemd.exec(5) and systemd.resource-control(5).
 *
 * @param folder what relative paths in the configuration are relative to
 * @throws {NotExportableError} with the transport `direct`
 */
export function exportSystemd(config: ResolvedSidecarConfig, folder: string): Exported {
  const sidecar = deployedSidecar(config, config.http.host === 'localhost' ? '127.0.0.1' : config.http.host);
  const { process, resources, healthCheck } = config;
  const cwd = resolve(folder, process.cwd);
  const notify = findNotify(config);
  const secrets = sidecar.variables.filter((each) => 'isSecret' in each);
  const environmentFile = `/etc/${config.name}.env`;
  const sections: Section[] = [
    [
      'Unit',
      [
        ['Description', `${config.name} (sidecar)`],
        ['StartLimitIntervalSec', inSeconds(process.restartWindow)],
        // The first start counts as well.
        ['StartLimitBurst', process.maxRestarts + 1],
      ],
    ],
    [
      'Service',
      [
        ['Type', notify === null ? 'exec' : 'notify'],
        ['WatchdogSec', notify?.watchdog === undefined ? null : inSeconds(notify.watchdog)],
        ['ExecStart', execStart(cwd, sidecar.command)],
        ['WorkingDirectory', cwd],
        ...sidecar.variables.flatMap(environmentSetting),
        ['EnvironmentFile', secrets.length === 0 ? null : environmentFile],
        ['Restart', process.autoRestart ? 'always' : 'no'],
        ['RestartSec', inSeconds(process.restartDelay)],
        ['TimeoutStartSec', inSeconds(healthCheck.startupTimeout)],
        ['KillSignal', process.stopSignal],
        ['TimeoutStopSec', inSeconds(process.stopTimeout)],
        // Of all processes, as here.
        ['KillMode', 'control-group'],
        ['MemoryHigh', megabytes(resources.maxMemoryMB)],
        ['MemoryMax', megabytes(resources.hard.memoryMB)],
        ['CPUQuota', resources.maxCPUPercent === null ? null : `${Math.ceil(resources.maxCPUPercent)}%`],
        ['LimitNOFILE', roundedUp(resources.hard.fileDescriptors ?? resources.maxFileDescriptors)],
        ['LimitAS', megabytes(resources.hard.addressSpaceMB)],
        ['Nice', resources.hard.nice],
        ['CPUAffinity', resources.hard.cpus],
        ['NoNewPrivileges', 'yes'],
      ],
    ],
    ['Install', [['WantedBy', 'multi-user.target']]],
  ];
  const notes = [
    ...sidecar.notes,
    ...lostSettings(config, notify !== null),
    ...(secrets.length === 0
      ? []
      : [
          {
            setting: 'process.env',
            note: `${secrets.map(({ name }) => name).join(', ')}: read from ${environmentFile}, which you make, with mode 0600`,
          },
        ]),
  ];
  return { text: `${notesAsComment(notes)}${writeUnit(sections)}`, notes };
}

function environmentSetting(variable: Variable): Setting[] {
  if ('isSecret' in variable) return [];
  return [['Environment', quoted(`${variable.name}=${variable.value}`)]];
}

function findNotify({
  healthCheck,
}: ResolvedSidecarConfig): { readonly watchdog: number | undefined } | null {
  const checks = [healthCheck.startup, healthCheck.liveness].flatMap((check) =>
    check?.type === 'all' || check?.type === 'any' ? check.checks : [check],
  );
  const found = checks.flatMap((check) => (check?.type === 'notify' ? [check] : []));
  if (found.length === 0) return null;
  return { watchdog: found.find(({ watchdog }) => watchdog !== undefined)?.watchdog };
}

function lostSettings(config: ResolvedSidecarConfig, isNotify: boolean): ExportNote[] {
  const { process, healthCheck, resources, lazy, idleTimeout, compile, transport } = config;
  return withoutCounterpart([
    { setting: 'compile', isSet: compile !== undefined, instead: 'compile before the unit is started' },
    {
      setting: 'process.backoffFactor, maxRestartDelay, restartJitter',
      isSet: process.autoRestart && process.backoffFactor !== 1,
      instead: 'each restart waits RestartSec (systemd 254 has RestartSteps= and RestartMaxDelaySec=)',
    },
    {
      setting: 'process.stableAfter',
      isSet: process.autoRestart,
      instead: 'StartLimitBurst counts within StartLimitIntervalSec, however long it ran',
    },
    {
      setting: 'healthCheck',
      isSet: !isNotify,
      instead: 'systemd asks nobody: one that hangs is not noticed, unless it notifies and has WatchdogSec=',
    },
    {
      setting: 'healthCheck (notify)',
      isSet: isNotify,
      instead: 'the program must write to the socket NOTIFY_SOCKET (sd_notify(3)) instead of NOTIFY_FD',
    },
    {
      setting: 'healthCheck.readiness',
      isSet: healthCheck.readiness !== undefined,
      instead: 'nobody is kept from sending requests',
    },
    {
      setting: 'resources.maxMemoryMB',
      isSet: resources.maxMemoryMB !== null,
      instead: 'is MemoryHigh= there: beyond it the unit is slowed down and its memory reclaimed',
    },
    {
      setting: 'resources.maxCPUPercent',
      isSet: resources.maxCPUPercent !== null,
      instead: 'is CPUQuota= there: it slows the unit down, and restarts nothing',
    },
    {
      setting: 'ipc.permissions',
      isSet: transport === 'ipc',
      instead: 'are not applied; UMask= of the unit, or the program, must see to it',
    },
    { setting: 'lazy', isSet: lazy, instead: 'it is started with the unit; a socket unit could wait' },
    {
      setting: 'idleTimeout',
      isSet: idleTimeout !== null,
      instead: 'it is not stopped for want of requests',
    },
  ]);
}

function megabytes(amount: number | null): string | null {
  return amount === null ? null : `${roundedUp(amount)}M`;
}

/** Systemd takes whole numbers only. */
function roundedUp(amount: number | null): number | null {
  return amount === null ? null : Math.ceil(amount);
}
