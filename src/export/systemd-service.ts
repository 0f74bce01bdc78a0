import type { ResolvedSidecarConfig } from '../config/schema.js';
import { execStart, inSeconds, type Section, writeUnit } from './unit-file.js';

/** How often systemd wants to hear that the service lives, in milliseconds. */
const WATCHDOG = 30_000;
/** What ending takes besides the sidecars, in milliseconds. */
const CLOSING_TIME = 10_000;
const ABOUT = `# For /etc/systemd/system, with User=, or for ~/.config/systemd/user. "sidecar status" looks in XDG_RUNTIME_DIR, which a
# unit of the system does not have: there, ask with that variable unset.
`;

export interface ServiceUnitOptions {
  /** What `sidecar` is, with absolute paths: the program, and arguments that come first. */
  readonly command: readonly [string, ...string[]];
  /** The absolute path of the configuration file. */
  readonly config: string;
  /** Its folder. */
  readonly folder: string;
}

/** A unit for systemd in which `sidecar run` runs all that a configuration has; see systemd.service(5). */
export function exportSystemdService(
  configs: readonly ResolvedSidecarConfig[],
  { command, config, folder }: ServiceUnitOptions,
): string {
  const names = configs.map(({ name }) => name).join(', ');
  const hasControlGroup = configs.some(({ resources }) => resources.hard.memoryMB !== null);
  const sections: Section[] = [
    ['Unit', [['Description', `sidecar run: ${names.replaceAll('%', '%%')}`]]],
    [
      'Service',
      [
        ['Type', 'notify'],
        // It is the command systemd-notify that speaks for it.
        ['NotifyAccess', 'all'],
        ['WatchdogSec', inSeconds(WATCHDOG)],
        ['ExecStart', execStart(folder, [...command, 'run', '--config', config])],
        ['WorkingDirectory', folder],
        ['Restart', 'on-failure'],
        // Each sidecar has a time of its own to come up, and is started again.
        ['TimeoutStartSec', 'infinity'],
        ['TimeoutStopSec', inSeconds(stopTimeOf(configs))],
        // It stops them in order itself; what is left then is killed.
        ['KillMode', 'mixed'],
        ['Delegate', hasControlGroup ? 'yes' : null],
        ['NoNewPrivileges', 'yes'],
      ],
    ],
    ['Install', [['WantedBy', 'default.target']]],
  ];
  return `${ABOUT}${writeUnit(sections)}`;
}

/** When each waits for the one before. */
function stopTimeOf(configs: readonly ResolvedSidecarConfig[]): number {
  const times = configs.map(({ process }) => process.stopTimeout + process.killTimeout);
  return times.reduce((sum, time) => sum + time, CLOSING_TIME);
}
