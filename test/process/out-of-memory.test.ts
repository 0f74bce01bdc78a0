import { execFileSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import type { ExitStatus } from '../../machines/sidecar.types.js';
import { explainExit } from '../../src/index.js';
import { ControlGroup } from '../../src/os/control-group.js';
import { findOutOfMemory } from '../../src/process/out-of-memory.js';
import { limitedGroup, whyNoLimitedGroup } from '../support/limited-group.js';
import { canListProcesses } from '../support/processes.js';
import { Host } from '../support/run-host.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

const canRunPython = canListProcesses && runs('python3', ['-c', '']);
if (!canRunPython) console.log('Skipped here: a MemoryError of Python, which takes python3 on Linux.');

const whyNotKernel = await whyNoLimitedGroup();
if (whyNotKernel !== null) console.log(`Skipped here: a kill by the kernel: ${whyNotKernel}`);

const whyNotGroup = await whyNoMemoryController();
if (whyNotGroup !== null) console.log(`Skipped here: resources.hard.memoryMB: ${whyNotGroup}`);

/** How it ended, when nobody told it to. */
async function deathOf(watched: ReturnType<typeof watch>) {
  watched.start();
  const death = await watched.next('process-death');
  await watched.next('stopped');
  watched.leavesNothing();
  return death;
}

const withoutRestart = { autoRestart: false };

describe('the end of a process for want of memory', () => {
  it('is named when V8 says so', async () => {
    const leak = 'const all = []; for (;;) all.push(new Array(1000).fill(Math.random()))';
    const args = ['--max-old-space-size=20', '-e', leak];
    const death = await deathOf(watch(serverConfig({}, { process: { ...withoutRestart, args } })));
    expect(death.outOfMemory).toMatchObject({
      by: 'runtime',
      line: expect.stringMatching(/JavaScript heap out of memory|Fatal process/),
    });
    expect(explainExit(death)).toMatch(/^was ended by SIG\w+, out of memory \(.*(heap|OOM).*\)$/);
  });

  it.runIf(canRunPython)('is named when Python runs into the limit of its address space', async () => {
    const process = { ...withoutRestart, command: 'python3', args: ['-c', 'bytearray(10**9)'] };
    const resources = { hard: { addressSpaceMB: 300 } };
    const death = await deathOf(watch(serverConfig({}, { process, resources })));
    expect(death).toMatchObject({ code: 1, outOfMemory: { by: 'runtime', line: 'MemoryError' } });
    expect(explainExit(death)).toBe('exited with code 1, out of memory (MemoryError)');
  });

  it('is not named when somebody else killed it', async () => {
    const watched = await watch(serverConfig({}, { process: withoutRestart })).run();
    process.kill(watched.pid, 'SIGKILL');
    expect(await watched.next('process-death')).toMatchObject({ signal: 'SIGKILL', outOfMemory: null });
  });

  it('is not named when it was told to end, or ended well, whatever it printed', async () => {
    const told = watch(shellConfig('echo MemoryError; exec sleep 60')).start();
    await told.printed('MemoryError');
    await told.stopsCleanly();
    expect(told.sidecar.actor.getSnapshot().context.lastExit).toMatchObject({
      signal: 'SIGTERM',
      outOfMemory: null,
    });
    const well = watch(shellConfig('echo MemoryError', { process: withoutRestart }));
    expect(await deathOf(well)).toMatchObject({ code: 0, outOfMemory: null });
  });

  it.runIf(whyNotKernel === null)('is named when the kernel killed it', async () => {
    const group = await limitedGroup(500);
    onTestFinished(() => group.remove());
    const host = new Host('memory-host', [], `echo $$ > ${group.path}/cgroup.procs`);
    const { signal, outOfMemory } = death.parse(JSON.parse(await host.said('death: ')));
    expect(signal).toBe('SIGKILL');
    expect(outOfMemory.by).toBe('kernel');
    expect(outOfMemory.counter.startsWith(group.path)).toBe(true);
    expect(await host.said('words: ')).toBe(`was ended by SIGKILL, out of memory (${outOfMemory.counter})`);
    await host.said('stopped: ');
    expect(await host.exited()).toEqual({ code: 0, signal: null });
  });

  it.runIf(whyNotGroup === null)('is named when it wanted more than resources.hard.memoryMB', async () => {
    const resources = { hard: { memoryMB: 200 } };
    const watched = await watch(serverConfig({}, { resources, process: withoutRestart })).run();
    watched.control('leakMB=1000').catch(() => {
      // It dies before it answers.
    });
    expect(await watched.next('process-death')).toMatchObject({
      signal: 'SIGKILL',
      outOfMemory: { by: 'kernel', counter: expect.stringContaining('sidecar-machine-') },
    });
  });
});

const death = z.object({
  signal: z.string().nullable(),
  outOfMemory: z.object({ by: z.string(), counter: z.string() }),
});

describe('the last words of a runtime without memory', () => {
  const aborted: ExitStatus = { code: null, signal: 'SIGABRT' };

  it.each([
    ['Node.js', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
    ['Node.js at its start', '# Fatal process OOM in Failed to reserve virtual memory for CodeRange'],
    ['Node.js without room for a buffer', 'RangeError: Array buffer allocation failed'],
    ['Go', 'fatal error: out of memory'],
    ['Go at its start', 'fatal error: failed to reserve page summary memory'],
    ['Go 1', 'runtime: out of memory: cannot allocate 12582912-byte block (192643072 in use)'],
    ['Python', 'MemoryError: Unable to allocate 7.45 GiB for an array'],
    ['C++', "terminate called after throwing an instance of 'std::bad_alloc'"],
    ['Rust', 'memory allocation of 1073741824 bytes failed'],
    ['Java', 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'],
  ])('are those of %s', (_, line) => {
    const tail = ['before', line, 'after'];
    expect(findOutOfMemory(aborted, tail, null)).toEqual({ by: 'runtime', line });
  });

  it.each([
    ['goroutine 1 [running]:'],
    ['memory: 512 MB'],
    ['fatal error: all goroutines are asleep - deadlock!'],
  ])('are not: %s', (line) => {
    expect(findOutOfMemory(aborted, [line], null)).toBeNull();
  });
});

async function whyNoMemoryController(): Promise<string | null> {
  if (process.platform !== 'linux') return 'it takes Linux';
  try {
    const limits = { 'memory.max': '100000000' };
    await (await ControlGroup.create({ parent: undefined, controller: 'memory', limits })).remove();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function runs(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
