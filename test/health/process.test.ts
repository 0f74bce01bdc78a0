import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProcessCheck } from '../../src/health/process.js';
import { checkedProcess } from '../support/checked-process.js';
import { shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('Skipped here: zombies, because only Linux tells them apart.');

function checkOf(pid: number) {
  return createProcessCheck(checkedProcess(null, {}, pid));
}

describe('the check of a process', () => {
  it('passes while it is alive', async () => {
    const check = checkOf(process.pid);
    expect(check.name).toBe(`process ${process.pid}`);
    expect(() => check.look()).not.toThrow();
  });

  it('fails when it has ended', async () => {
    const child = spawn('true');
    await once(child, 'exit');
    expect(() => checkOf(child.pid ?? 0).look()).toThrow('it is not alive');
  });

  it.runIf(isLinux)('fails for a zombie', async () => {
    // The shell becomes a program that never asks how its child ended, and the child waits for that.
    const child = 'sh -c "until grep -q sleep /proc/\\$PPID/comm; do :; done"';
    const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 300`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const [line] = await within(once(createInterface({ input: parent.stdout }), 'line'), () => 'the zombie');
    const check = checkOf(Number(line));
    const becomesZombie = async () => {
      for (;;) {
        try {
          check.look();
        } catch (error) {
          return error;
        }
        await nextTurn();
      }
    };
    expect(await within(becomesZombie(), () => 'the zombie')).toEqual(new Error('it is not alive'));
    // It still is in the table of processes.
    expect(() => process.kill(Number(line), 0)).not.toThrow();
  });

  it('makes a sidecar healthy that does not listen', async () => {
    const watched = await watch(
      shellConfig('exec sleep 300', { healthCheck: { liveness: { type: 'process' } } }),
    ).run();
    await watched.stopsCleanly();
  });
});
