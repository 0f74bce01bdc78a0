import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface ControlGroupPath {
  /** The folder of the control group of this process. */
  readonly path: string;
  readonly mountPoint: string;
}

/** The control groups of this process, see cgroups(7); null where there are none. */
export interface ControlGroups {
  /** Of cgroup v2. */
  readonly unified: ControlGroupPath | null;
  /** Of the memory controller of cgroup v1. */
  readonly memoryV1: ControlGroupPath | null;
}

/** As they were when this was asked first: a process is seldom moved, and this is asked for each spawn. */
export function findControlGroups(): ControlGroups {
  found ??= lookForControlGroups();
  return found;
}

let found: ControlGroups | undefined;

function lookForControlGroups(): ControlGroups {
  const [membership, mounts] = [read('/proc/self/cgroup'), read('/proc/self/mountinfo')];
  return {
    unified: locate(/^0::(.*)$/m.exec(membership)?.[1], mounts, / - cgroup2 /),
    memoryV1: locate(
      /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(membership)?.[1],
      mounts,
      / - cgroup \S+ (?:\S*,)?memory(?:,|$)/,
    ),
  };
}

/** Empty on a kernel without control groups. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** `id parent major:minor root mountpoint … - type source options`; see proc_pid_mountinfo(5). */
function locate(group: string | undefined, mounts: string, isMeant: RegExp): ControlGroupPath | null {
  const mount = mounts.split('\n').find((line) => isMeant.test(line));
  const [, , , root, mountPoint] = mount?.split(' ') ?? [];
  if (group === undefined || root === undefined || mountPoint === undefined) return null;
  const inside = relative(root, group);
  // In a container the group may lie outside of what is mounted.
  return { path: inside.startsWith('..') ? mountPoint : join(mountPoint, inside), mountPoint };
}
