import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canListProcesses } from '../support/processes.js';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';

// The host opens hundreds of modules at once while it loads, and uses up what is left afterwards.
const MANY_ENOUGH_TO_LOAD = 'ulimit -n 1024';

if (!canListProcesses)
  console.log('Skipped here: a host without descriptors, whose number differs by system.');

describe.runIf(canListProcesses)('a host without a free file descriptor', () => {
  it.each([
    // No socket for the look at the port.
    ['http', 0],
    // Enough for that, and not for three pipes.
    ['http', 4],
    ['ipc', 3],
  ])('can not start a process over %s with %d left, says so, and starts it later', async (what, left) => {
    const socketPath = join(await tempFolder(), 'a.sock');
    const host = new Host('descriptor-host', [String(left), what, socketPath], MANY_ENOUGH_TO_LOAD);
    const cause = JSON.parse(await host.said('cause: '));
    expect(cause).toMatchObject({ type: 'spawn-failed', failure: { code: 'EMFILE', permanent: false } });
    expect(cause.failure.message).toContain('EMFILE');
    expect(await host.said('state: ')).toBe('running');
    expect(await host.said('state at the end: ')).toBe('stopped');
    expect(await host.exited()).toEqual({ code: 0, signal: null });
  });

  it.each([[0], [3]])('can not compile with %d left, says so, and compiles later', async (left) => {
    const host = new Host('descriptor-host', [String(left), 'compile'], MANY_ENOUGH_TO_LOAD);
    const cause = JSON.parse(await host.said('cause: '));
    expect(cause).toMatchObject({ kind: 'unusable' });
    expect(cause.message).toContain('EMFILE');
    expect(await host.said('state: ')).toBe('running');
    expect(await host.exited()).toEqual({ code: 0, signal: null });
  });
});
