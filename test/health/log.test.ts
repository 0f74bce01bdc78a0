import { describe, expect, it } from 'vitest';
import { shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

const unready = 'it has not printed such a line yet';

/** Prints a line, and another once it receives SIGUSR1. */
function announcing(line: string, redirection = '') {
  return `trap 'echo "${line}" ${redirection}' USR1; echo waiting; while :; do sleep 0.05; done`;
}

describe('the check of a line', () => {
  it('passes once the line was printed, and not before', async () => {
    const liveness = { type: 'log', pattern: /^ready for \w+$/ } as const;
    const watched = watch(
      shellConfig(announcing('ready for requests'), { healthCheck: { liveness } }),
    ).start();
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({
      passed: false,
      check: 'a line that matches /^ready for \\w+$/',
      error: unready,
    });
    await watched.printed('waiting');
    process.kill(watched.pid, 'SIGUSR1');
    await watched.next('healthy');
    // It stays so, though the line is not printed again.
    for (let checks = 0; checks < 3; checks += 1) {
      expect((await watched.next('health-checked')).report.passed).toBe(true);
    }
    await watched.stopsCleanly();
  });

  it('is made anew for each incarnation, also with a pattern that would remember where it was', async () => {
    const liveness = { type: 'log', pattern: /ready/gy } as const;
    const watched = await watch(
      shellConfig('echo it is ready; exec sleep 300', { healthCheck: { liveness } }),
    ).run();
    for (const next of [2, 3]) {
      process.kill(watched.pid, 'SIGKILL');
      await watched.next('healthy', ({ generation }) => generation === next);
    }
    await watched.stopsCleanly();
  });

  it('looks at the stream that it is told to', async () => {
    const liveness = { type: 'log', pattern: 'ready', stream: 'stderr' } as const;
    const script = `echo ready; ${announcing('ready', '>&2')}`;
    const watched = watch(shellConfig(script, { healthCheck: { liveness } })).start();
    await watched.printed('waiting');
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({ passed: false, error: unready });
    process.kill(watched.pid, 'SIGUSR1');
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('may be that of the start only: what follows is checked with another', async () => {
    const watched = await watch(
      shellConfig('echo ready; exec sleep 300', {
        healthCheck: { startup: { type: 'log', pattern: 'ready' }, liveness: { type: 'process' } },
      }),
    ).run();
    const { report } = await watched.next('health-checked', (event) =>
      event.report.check.startsWith('process '),
    );
    expect(report).toMatchObject({ check: `process ${watched.pid}`, passed: true });
    await watched.stopsCleanly();
  });
});
