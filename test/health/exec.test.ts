import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExecCheck } from '../../src/health/exec.js';
import { checkedProcess, longDeadline } from '../support/checked-process.js';
import { canListProcesses, findMarked, isAlive, killAll } from '../support/processes.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually } from '../support/within.js';

const endpoint = { transport: 'http', host: '127.0.0.1', port: 4711 } as const;

function execCheck(script: string) {
  return { type: 'exec' as const, command: 'sh', args: ['-c', script] };
}

function shell(script: string, sections: Parameters<typeof checkedProcess>[1] = {}) {
  return createExecCheck(execCheck(script), checkedProcess(endpoint, sections));
}

function resultOf(script: string): Promise<string> {
  return shell(script)
    .run(longDeadline())
    .then(
      () => 'passed',
      (error: Error) => error.message,
    );
}

describe('the check by a command', () => {
  it.each([
    ['exit 0', 'passed'],
    ['echo fine; echo odd >&2', 'passed'],
    ['exit 3', 'it exited with code 3'],
    ['echo first; echo last; echo; exit 1', 'it exited with code 1: last'],
    ['echo no replica is there >&2; exit 2', 'it exited with code 2: no replica is there'],
    ['printf unfinished; exit 1', 'it exited with code 1: unfinished'],
    ['kill -SEGV $$', 'it was ended by SIGSEGV'],
  ])('`%s`: %s', async (script, result) => {
    expect(await resultOf(script)).toBe(result);
  });

  it('runs in the folder and with the environment of the sidecar, templates filled in', async () => {
    const cwd = await tempFolder();
    const sections = { name: 'mine', process: { cwd, env: { LEVEL: 'high {name}' } } };
    const check = shell('echo "$PORT $HOST $LEVEL {port} $(pwd)"; exit 1', sections);
    await expect(check.run(longDeadline())).rejects.toThrow(
      `it exited with code 1: 4711 127.0.0.1 high mine 4711 ${cwd}`,
    );
    expect(check.name).toBe('sh -c echo "$PORT $HOST $LEVEL 4711 $(pwd)"; exit 1');
  });

  it('uses what is configured while the sidecar has not said where it listens', async () => {
    const checked = checkedProcess(null, { http: { host: '127.0.0.1', port: 8123 } });
    const check = createExecCheck(
      { type: 'exec', command: 'sh', args: ['-c', 'test "$PORT" = 8123'] },
      checked,
    );
    await check.run(longDeadline());
  });

  it('has the same environment for each run', async () => {
    let calls = 0;
    const env = () => ({ CALLS: String(++calls) });
    const check = shell('test "$CALLS" = 1', { process: { env } });
    await check.run(longDeadline());
    await check.run(longDeadline());
    expect(calls).toBe(1);
  });

  it('says that a program is missing, or may not be executed', async () => {
    const checked = checkedProcess(endpoint);
    const missing = createExecCheck({ type: 'exec', command: 'no-such-program', args: [] }, checked);
    await expect(missing.run(longDeadline())).rejects.toThrow('the program no-such-program was not found');
    const folder = await tempFolder();
    const denied = createExecCheck({ type: 'exec', command: folder, args: [] }, checked);
    await expect(denied.run(longDeadline())).rejects.toThrow(`the program ${folder} may not be executed`);
  });

  it('that prints without end needs no memory for it', async () => {
    const before = process.memoryUsage().rss;
    await shell('head -c 200000000 /dev/zero; echo; echo end').run(longDeadline());
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(150);
  });

  it('that hangs is ended at the deadline with all that it started', async () => {
    const pids = join(await tempFolder(), 'pids');
    const check = shell(`trap '' TERM; sleep 300 & echo $$ $! > ${pids}; sleep 300`);
    const deadline = new AbortController();
    const result = check.run(deadline.signal);
    result.catch(() => {});
    let started: number[] = [];
    const readPids = async () => {
      started = (await readFile(pids, 'utf8').catch(() => '')).split(' ').map(Number);
    };
    await eventually(() => {
      void readPids();
      return started.length === 2 && started.every((pid) => pid > 0);
    }, 'the command');
    expect(started.every(isAlive)).toBe(true);
    deadline.abort(new Error('no answer within 1 ms'));
    await expect(result).rejects.toThrow('no answer within 1 ms');
    await eventually(() => !started.some(isAlive), 'the end of what it started');
  });

  it('leaves nothing of its group behind when it ends by itself', async () => {
    const pids = join(await tempFolder(), 'pids');
    await shell(`sleep 300 & echo $! > ${pids}`).run(longDeadline());
    const left = Number(await readFile(pids, 'utf8'));
    await eventually(() => !isAlive(left), 'the end of what it left');
  });

  it.runIf(canListProcesses)(
    'is over when it ends, even when something that escaped holds its output open',
    async () => {
      const mark = `escaped-${process.pid}`;
      const up = join(await tempFolder(), 'up');
      const script = `setsid sh -c "echo > ${up}; exec sleep 300" & until [ -e ${up} ]; do :; done`;
      await shell(script, { process: { env: { ESCAPED: mark } } }).run(longDeadline());
      const escaped = findMarked('ESCAPED', mark);
      expect(escaped).toHaveLength(1);
      killAll(escaped);
    },
  );

  it('makes a sidecar healthy, degraded and healthy again', async () => {
    const cwd = await tempFolder();
    const liveness = execCheck('test -e up || { echo not up; exit 1; }');
    const watched = await watch(
      shellConfig('touch up; exec sleep 300', {
        process: { cwd },
        healthCheck: { liveness, failureThreshold: 1 },
      }),
    ).run();
    await rm(join(cwd, 'up'));
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: 'it exited with code 1: not up' } });
    await writeFile(join(cwd, 'up'), '');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it('that is under way when the sidecar is stopped ends with it', async () => {
    const liveness = execCheck('exec sleep 300');
    const watched = watch(shellConfig('exec sleep 300', { healthCheck: { liveness } })).start();
    await watched.next('spawned');
    await eventually(() => watched.processes().length === 2, 'the command');
    await watched.sidecar.stop();
    await eventually(() => watched.processes().length === 0, 'the end of the command');
  });
});
