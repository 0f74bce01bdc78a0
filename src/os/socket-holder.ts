import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { redactArguments } from '../redact/redact.js';
import { listProcesses } from './process-group.js';

/** The process that holds a port or socket. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
}

/** A longer command line is cut. */
const MAX_COMMAND_LENGTH = 120;

/** The first process that is found to hold a socket; null when none that may be looked into does. */
export function findHolder(inode: string): Holder | null {
  for (const { pid } of listProcesses()) {
    const wanted = new Set([inode]);
    takeHeldSockets(wanted, pid);
    if (wanted.size === 0) return { pid, command: readCommand(pid) };
  }
  return null;
}

/**
 * Takes those sockets (by their inodes) out of the set that a process holds.
 *
 * @returns false when it can't be looked into, as another user's, or one that has just ended.
 */
export function takeHeldSockets(inodes: Set<string>, pid: number): boolean {
  try {
    for (const inode of heldSockets(pid)) if (inodes.delete(inode) && inodes.size === 0) break;
    return true;
  } catch {
    return false;
  }
}

/**
 * The sockets that a process holds, by their inodes; one by one, as there may be thousands.
 *
 * @throws when it can't be looked into
 */
export function* heldSockets(pid: number): Generator<string> {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of readdirSync(folder)) {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${descriptor}`)) ?? [];
    if (inode !== undefined) yield inode;
  }
}

/** The folder that a process is in; null when it can't be told. */
export function readFolder(pid: number): string | null {
  return readLink(`/proc/${pid}/cwd`) || null;
}

/** Empty when it can't be read, such as for a descriptor that has just been closed. */
function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readCommand(pid: number): string {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
  // It is anybody's, and ends up in a log.
  const command = redactArguments(line.split('\0')).join(' ').trim();
  return command.length > MAX_COMMAND_LENGTH ? `${command.slice(0, MAX_COMMAND_LENGTH)}…` : command;
}
