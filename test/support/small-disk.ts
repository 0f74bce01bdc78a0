import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.js';

/** A disk that a test can fill without harm to others. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all that is left. */
  fill(): void;
  free(): void;
}

/** A file system of its own can be mounted here. */
export const canMount = findOutWhetherMounting();

/** A disk of 256 KiB, or an ordinary folder that never gets full where none can be mounted. */
export async function smallDisk(): Promise<SmallDisk> {
  const folder = await tempFolder();
  if (!canMount) return { folder, fill() {}, free() {} };
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', folder]);
  // Also what is still open there, which is about to be closed.
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  const filler = join(folder, 'filler');
  return {
    folder,
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(1_048_576));
      } catch {
        // It is full: that was the aim.
      }
    },
    free: () => rmSync(filler, { force: true }),
  };
}

function findOutWhetherMounting(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.log('Not tested here: full disks (needs root, on Linux, to mount one).');
    return false;
  }
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    console.log(`Not tested here: full disks, as none can be mounted: ${String(error)}`);
    return false;
  }
}
