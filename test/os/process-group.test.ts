import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countGroup, signalGroup } from '../../src/os/process-group.js';
import { canListProcesses, isAlive } from '../support/processes.js';
import { eventually, within } from '../support/within.js';

if (!canListProcesses) console.log('Skipped here: counting a process group, which needs /proc.');

/** A shell that leads a group of its own, after it has printed a line. */
async function startGroup(script: string) {
  const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const pgid = leader.pid ?? 0;
  onTestFinished(() => {
    signalGroup(pgid, 'SIGKILL');
  });
  await within(once(leader.stdout, 'data'), () => 'a line of the shell');
  return { leader, pgid };
}

describe.runIf(canListProcesses)('a process group', () => {
  it('is counted with its children', async () => {
    const { pgid } = await startGroup('sleep 100 & sleep 100 & echo; wait');
    expect(countGroup(pgid)).toBe(3);
  });

  it('is counted without its leader once that has ended', async () => {
    const { leader, pgid } = await startGroup('sleep 100 > /dev/null & echo; sleep 0.05');
    await once(leader, 'exit');
    expect(countGroup(pgid)).toBe(1);
    expect(signalGroup(pgid, 'SIGKILL')).toBe(true);
    await eventually(() => countGroup(pgid) === 0, 'the end of the group');
  });

  it('does not count zombies', async () => {
    // The shell becomes a program that never asks how its child ended.
    const script = 'sleep 0 & echo $!; exec sleep 100 > /dev/null';
    const leader = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const pgid = leader.pid ?? 0;
    onTestFinished(() => {
      signalGroup(pgid, 'SIGKILL');
    });
    const [line] = await within(once(leader.stdout, 'data'), () => 'the pid of the child');
    const child = Number(String(line));
    await eventually(() => !isAlive(child), 'the end of the child');
    // Still there for a signal, as a zombie.
    expect(() => process.kill(child, 0)).not.toThrow();
    expect(countGroup(pgid)).toBe(1);
  });

  it('counts a process that is stopped', async () => {
    const { pgid } = await startGroup('echo; exec sleep 100');
    process.kill(pgid, 'SIGSTOP');
    expect(countGroup(pgid)).toBe(1);
  });

  it('that is not there has no processes, and takes no signal', async () => {
    const { leader, pgid } = await startGroup('echo');
    if (leader.exitCode === null) await once(leader, 'exit');
    expect(countGroup(pgid)).toBe(0);
    expect(signalGroup(pgid, 'SIGTERM')).toBe(false);
  });
});
