import { readdirSync, readFileSync } from 'node:fs';
import { ControlGroup } from '../os/control-group.js';
import { type Finding, messageOf, note, ok } from './finding.js';

/** What this machine lets sidecars be protected and measured with. */
export async function examineMachine(): Promise<readonly Finding[]> {
  const { platform, version } = process;
  const node = ok(`Node.js ${version} on ${platform}`);
  if (platform !== 'linux') {
    const text = `${platform} shows less of processes than Linux: memory is counted without what is shared`;
    return [node, note(text, 'nothing has to be done')];
  }
  return [node, processesFinding(), memoryFinding(), straysFinding(), await controlGroupFinding()];
}

function processesFinding(): Finding {
  const others = attempt(() => readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).length > 0);
  return others
    ? ok('/proc shows the processes of this user')
    : note('/proc can not be read: process groups are not measured', 'mount it: mount -t proc proc /proc');
}

function memoryFinding(): Finding {
  const isThere = attempt(() => /^Pss:/m.test(readFileSync('/proc/self/smaps_rollup', 'latin1')));
  return isThere
    ? ok('smaps_rollup: memory that processes share is counted once (PSS)')
    : note(
        'smaps_rollup can not be read: memory that processes share is counted for each of them (RSS)',
        'it takes Linux 4.14 and the right to look into processes of this user (ptrace_scope, seccomp of a container)',
      );
}

/** A process that calls setsid is found by a mark in its environment. */
function straysFinding(): Finding {
  const isThere = attempt(() => readFileSync('/proc/self/environ').length >= 0);
  return isThere
    ? ok('environments are shown: what leaves the process group (setsid) is ended, too')
    : note(
        'environments can not be read: what leaves the process group (setsid) may outlive its sidecar',
        'allow this user to read /proc/<pid>/environ of its own processes',
      );
}

async function controlGroupFinding(): Promise<Finding> {
  try {
    const group = await ControlGroup.create({
      parent: undefined,
      controller: 'memory',
      limits: { 'memory.max': 'max' },
    });
    await group.remove();
    return ok('cgroup v2: resources.hard.memoryMB works');
  } catch (error) {
    return note(
      `resources.hard.memoryMB does not work here: ${messageOf(error)}`,
      'delegate a cgroup to this user (systemd: Delegate=yes), and name it in resources.hard.cgroup',
    );
  }
}

function attempt(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    // That it can't be looked at is what was asked.
    return false;
  }
}
