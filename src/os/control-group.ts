import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findControlGroups } from './control-group-path.js';
import { errorCode } from './error-code.js';
import { isAlive } from './process-group.js';
import { uniqueId } from './unique-id.js';

export interface ControlGroupOptions {
  /** The folder in which it is made; by default that of this process, or the one above it. */
  readonly parent: string | undefined;
  /** What enforces the limits, such as `memory`; null when every group can. */
  readonly controller: string | null;
  /** What is written into its files, such as `memory.max`. */
  readonly limits: Readonly<Record<string, string>>;
}

/** How often and how long after another a group that is not yet empty is removed, in milliseconds. */
const REMOVAL = { attempts: 20, pause: 50 };

const PREFIX = 'sidecar-machine-';

/** A control group (cgroup v2) for one process and its descendants. */
export class ControlGroup {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws {Error} that says why it can't be made, and where it was tried */
  static async create({ parent, controller, limits }: ControlGroupOptions): Promise<ControlGroup> {
    const problems: string[] = [];
    for (const folder of parent === undefined ? usualParents() : [parent]) {
      try {
        if (controller !== null) await enable(controller, folder);
        return await ControlGroup.#createIn(folder, limits);
      } catch (error) {
        problems.push(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new Error(problems.length === 0 ? 'cgroup v2 is not mounted' : problems.join('; '));
  }

  static async #createIn(folder: string, limits: ControlGroupOptions['limits']): Promise<ControlGroup> {
    await removeLeftovers(folder);
    const group = new ControlGroup(join(folder, `${PREFIX}${process.pid}-${uniqueId()}`));
    await mkdir(group.path);
    try {
      for (const [file, value] of Object.entries(limits)) await writeFile(join(group.path, file), value);
      await access(join(group.path, 'cgroup.procs'), constants.W_OK);
    } catch (error) {
      await group.remove();
      throw error;
    }
    return group;
  }

  /** Removes it once nothing is in it. What is still in it then has left the process group, and keeps its limits. */
  async remove(): Promise<void> {
    for (let attempt = 0; attempt < REMOVAL.attempts; attempt += 1) {
      if (await removed(this.path)) return;
      await wait(REMOVAL.pause, undefined, { ref: false });
    }
  }
}

/** A group in which there are processes can't give a controller to groups in it; the one above it may. */
function usualParents(): string[] {
  const { unified } = findControlGroups();
  if (unified === null) return [];
  const { path, mountPoint } = unified;
  return path === mountPoint ? [path] : [path, dirname(path)];
}

async function enable(controller: string, folder: string): Promise<void> {
  const available = await controllersIn(join(folder, 'cgroup.controllers'));
  if (!available.includes(controller)) {
    const all = available.length === 0 ? 'none' : available.join(', ');
    throw new Error(`the controller ${controller} is not available there (available: ${all})`);
  }
  const switches = join(folder, 'cgroup.subtree_control');
  if ((await controllersIn(switches)).includes(controller)) return;
  await writeFile(switches, `+${controller}`);
}

async function controllersIn(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).split(/\s+/).filter(Boolean);
}

/** Of hosts that ended before their sidecars did. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PREFIX)) continue;
    const host = Number.parseInt(name.slice(PREFIX.length), 10);
    if (!isAlive(host)) await removed(join(folder, name));
  }
}

/** False while something is in it, or it can't be removed for another reason. */
async function removed(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
