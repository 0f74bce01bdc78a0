import { describe, expect, it } from 'vitest';
import { shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('READY=1', () => {
  it('makes a sidecar healthy, and not before; what it says of itself is told', async () => {
    const script = `trap 'echo READY=1 >&3' USR1; echo STATUS=warming up >&3; while :; do sleep 0.05; done`;
    const watched = watch(shellConfig(script, { healthCheck: { liveness: { type: 'notify' } } })).start();
    expect((await watched.next('status-text')).text).toBe('warming up');
    const { report } = await watched.next('health-checked');
    expect(report).toMatchObject({
      passed: false,
      check: 'READY=1 on NOTIFY_FD',
      error: 'it has not sent READY=1 yet',
    });
    process.kill(watched.pid, 'SIGUSR1');
    await watched.next('healthy');
    await watched.stopsCleanly();
  });

  it('is read from the descriptor that NOTIFY_FD names', async () => {
    const script = 'eval "echo READY=1 >&$NOTIFY_FD"; exec sleep 300';
    const watched = await watch(shellConfig(script, { healthCheck: { liveness: { type: 'notify' } } })).run();
    await watched.stopsCleanly();
  });

  it.each(['READY=0', 'ready=1', 'READY=10', 'X READY=1', ''])('is not %j', async (line) => {
    const script = `printf '%s\\n' '${line}' STATUS=sent >&3; exec sleep 300`;
    const watched = watch(shellConfig(script, { healthCheck: { liveness: { type: 'notify' } } })).start();
    await watched.next('status-text');
    const { report } = await watched.next('health-checked');
    expect(report.passed).toBe(false);
    await watched.stopsCleanly();
  });
});

describe('WATCHDOG=1', () => {
  it('must come often enough, from READY=1 on', async () => {
    // It beats until SIGUSR1, and again from SIGUSR2 on.
    const script = `beat=1; trap 'beat=' USR1; trap 'beat=1' USR2; echo READY=1 >&3
      while :; do [ -z "$beat" ] || echo WATCHDOG=1 >&3; sleep 0.05; done`;
    const liveness = { type: 'notify', watchdog: 2000 } as const;
    const watched = await watch(
      shellConfig(script, { healthCheck: { liveness, failureThreshold: 1 } }),
    ).run();
    const beating = await watched.next('health-checked');
    expect(beating.report.passed).toBe(true);
    process.kill(watched.pid, 'SIGUSR1');
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({
      report: {
        error: expect.stringMatching(/^it has not sent WATCHDOG=1 for \d+ ms, and should every 2000$/),
      },
    });
    process.kill(watched.pid, 'SIGUSR2');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it('that never comes is missed, too', async () => {
    const liveness = { type: 'notify', watchdog: 300 } as const;
    const watched = await watch(
      shellConfig('echo READY=1 >&3; exec sleep 300', { healthCheck: { liveness, failureThreshold: 1 } }),
    ).run();
    await watched.next('unhealthy');
    await watched.stopsCleanly();
  });
});
