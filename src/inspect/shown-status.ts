import type { ResolvedSidecarConfig } from '../config/schema.js';
import type { Sidecar } from '../sidecar.js';
import type { SidecarStatus } from '../sidecar-status.js';
import type { Command, HostMessageOf } from './messages.js';
import { shownCause } from './shown-cause.js';
import { shownCommand, withoutSecrets } from './shown-context.js';

/** What a sidecar is doing. */
export function shownStatus(
  sidecar: Sidecar,
  commands: HostMessageOf<'service.status'>['commands'],
): Omit<HostMessageOf<'service.status'>, 'type' | 'sessionId'> {
  // What its processes were given is known to the redactor of this one.
  const { config } = sidecar.actor.getSnapshot().context;
  return {
    status: dataOf(sidecar.status(), config),
    commands,
    command: shownCommand(config),
    limits: limitsOf(config),
  };
}

/**
 * What it can be told now.
 *
 * @param refusal why a command is not taken, whatever the state is; null when it is
 */
export function commandsNow(
  sidecar: Sidecar,
  refusal: (command: Command) => string | null,
): HostMessageOf<'service.status'>['commands'] {
  const answer = (command: Command) => refusal(command) ?? meaningless(sidecar, command);
  return {
    START: answer('START'),
    STOP: answer('STOP'),
    RESTART: answer('RESTART'),
    RELOAD: answer('RELOAD'),
  };
}

/** Why a command would do nothing now; null when it would. */
function meaningless(sidecar: Sidecar, type: Command): string | null {
  const answer = sidecar.whatIf({ type });
  return answer.type === 'ignored' ? answer.explanation : null;
}

function dataOf(status: SidecarStatus, config: ResolvedSidecarConfig) {
  const { name, state, since, trouble } = status;
  const data = withoutSecrets(config, { ...status, trouble: trouble && shownCause(trouble) });
  return { ...data, name, state, since };
}

function limitsOf({ resources }: ResolvedSidecarConfig) {
  return {
    max: {
      memoryMB: resources.maxMemoryMB,
      cpuPercent: resources.maxCPUPercent,
      fileDescriptors: resources.maxFileDescriptors,
    },
    soft: {
      memoryMB: resources.softMemoryMB,
      cpuPercent: resources.softCPUPercent,
      fileDescriptors: resources.softFileDescriptors,
    },
  };
}
