import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type HostOptions, HostProcess } from '../host/host-process.js';
import { compilerConfig } from '../support/compiler-config.js';
import { canListProcesses } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { eventually } from '../support/within.js';

/** How many hosts are killed: more for a longer search. */
const KILLS = Number(process.env['HOST_KILLS'] ?? 12);

const AT_ONCE = 4;

/** Everything that a sidecar can have: a compiler and its child, a group that ignores SIGTERM, and one who left it. */
const everything: HostOptions = {
  config: serverConfig(
    { grandchildren: 1, grandchildrenIgnoreTerm: true, setsidGrandchild: true, termDelay: 100 },
    {
      compile: compilerConfig({ grandchild: true, sleep: 100, lines: 3 }),
      process: { stopTimeout: 200, restartDelay: 50 },
      healthCheck: {
        liveness: { type: 'all', checks: [{ type: 'http' }, { type: 'exec', command: 'true' }] },
      },
    },
  ),
  does: 'use',
};

/** What the host says on its way, and the how manieth time; between two of them lies a random moment. */
const moments = [
  ['state compiling', 1],
  ['compile: compiling 2', 1],
  ['state spawning', 1],
  ['state waitingHealthy', 1],
  ['state running', 1],
  ['state restarting.terminating', 1],
  ['state restarting.killing', 1],
  ['state compiling', 2],
  ['state spawning', 2],
  ['state running', 2],
  ['state stopping.terminating', 1],
  ['state stopping.killing', 1],
] as const;

const hasScript = spawnSync('script', ['--version']).status === 0;

const withLittleMemory = ['env', 'NODE_OPTIONS=--max-old-space-size=100', 'sh', '-c'];

const took: number[] = [];

async function killAt([line, count]: (typeof moments)[number], delay: number): Promise<void> {
  const host = new HostProcess(everything);
  await host.printed(line, count);
  await wait(delay);
  host.signal('SIGKILL');
  await host.exit;
  took.push(await untilNothingIsLeft(host));
}

/** How long it took, in milliseconds. A machine that is busy may take a while; that it ends is what is to be shown. */
async function untilNothingIsLeft(host: HostProcess): Promise<number> {
  const begun = performance.now();
  await eventually(() => host.processes().length === 0, `nothing to be left: ${left(host)}`, 5000);
  return performance.now() - begun;
}

const left = (host: HostProcess) => host.processes().map(({ command }) => command);

if (!canListProcesses)
  console.log('Skipped here: hosts that are killed, as what is left is looked for in /proc.');

describe.runIf(canListProcesses)('nothing is left of a sidecar whose host', () => {
  afterAll(() => {
    const ordered = took.toSorted((one, other) => one - other);
    const at = (part: number) => Math.round(ordered[Math.ceil(part * ordered.length) - 1] ?? 0);
    console.log(
      `${took.length} hosts were ended; nothing was left after ${at(0.5)} ms (half), ${at(0.95)} ms (95 %), ${at(1)} ms (all).`,
    );
  });

  it(
    `is killed, at any of ${moments.length} moments (${KILLS} hosts)`,
    async () => {
      for (let begun = 0; begun < KILLS; begun += AT_ONCE) {
        const batch = Array.from({ length: Math.min(AT_ONCE, KILLS - begun) }, (_, index) => begun + index);
        await Promise.all(
          batch.map((each) => {
            const moment = moments[each % moments.length];
            if (moment === undefined) throw new Error('there is no such moment');
            // The first round exactly then, the others a little later.
            return killAt(moment, each < moments.length ? 0 : Math.random() * 150);
          }),
        );
      }
      expect(took).toHaveLength(KILLS);
    },
    60_000 + KILLS * 5000,
  );

  it.each([
    ['aborts', 'abort', 'SIGABRT'],
    ['has no memory left', 'exhaust', 'SIGABRT'],
    ['crashes', 'crash', 'SIGSEGV'],
  ] as const)('%s', async (_, does, signal) => {
    const host = new HostProcess({ ...everything, does }, withLittleMemory);
    const exit = await host.exit;
    took.push(await untilNothingIsLeft(host));
    expect(host.lines).toContain('state running');
    expect(exit.signal).toBe(signal);
  });

  it.runIf(hasScript)('loses its terminal', async () => {
    const host = new HostProcess({ ...everything, does: 'stay' }, ['script', '-q', '/dev/null', '-ec']);
    await host.printed('ready');
    host.signal('SIGKILL');
    await host.exit;
    took.push(await untilNothingIsLeft(host));
  });

  it('has an exception that nobody catches', async () => {
    const host = new HostProcess({ ...everything, does: 'throw' });
    expect((await host.exit).code).toBe(1);
    took.push(await untilNothingIsLeft(host));
  });
});
