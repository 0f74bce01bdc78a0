import { describe, expect, it } from 'vitest';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { PATIENCE } from '../support/within.js';

/** How many crash together; 200 takes a minute. */
const MANY = Number(process.env['CHAOS_SIDECARS'] ?? 20);

const enoughRestarts = { restartDelay: 1, maxRestartDelay: 1, maxRestarts: 1000 };

describe('a storm of crashes', () => {
  it('never has two processes at a time, whenever one is killed', async () => {
    const watched = watch(serverConfig({ grandchildren: 1 }, { process: enoughRestarts }));
    const leftAtSpawn: number[] = [];
    watched.sidecar.on('spawned', ({ pid }) => {
      leftAtSpawn.push(watched.processes().filter((found) => found.pid !== pid).length);
      // At once, while it starts, or once it serves: each in its turn.
      if (leftAtSpawn.length % 3 === 0) process.kill(pid, 'SIGKILL');
      else if (leftAtSpawn.length % 3 === 1) setTimeout(() => killIfAlive(pid), 30);
    });
    let crashes = 0;
    watched.sidecar.on('healthy', ({ pid }) => {
      crashes += 1;
      if (crashes < 4) process.kill(pid, 'SIGKILL');
    });
    watched.start();
    while (crashes < 4) await watched.next('healthy');
    expect(leftAtSpawn.length).toBeGreaterThan(4);
    expect(leftAtSpawn.every((count) => count === 0)).toBe(true);
    await watched.stopsCleanly();
  });

  it('of a program that dies at once leaves nothing, and ends with the budget', async () => {
    const watched = watch(shellConfig('exit 1', { process: { ...enoughRestarts, maxRestarts: 50 } })).start();
    const { restarts } = await watched.next('restarts-exhausted');
    expect(restarts).toBe(50);
    expect(watched.all('process-death')).toHaveLength(51);
    await watched.next('stopped');
    watched.leavesNothing();
  });

  it(
    `of ${MANY} sidecars at once ends with all of them healthy on ports of their own`,
    async () => {
      const many = Array.from({ length: MANY }, () =>
        watch(
          // Where many start at once, each waits for its turn.
          serverConfig({}, { process: enoughRestarts, healthCheck: { startupTimeout: 120_000 } }),
        ).start(),
      );
      await Promise.all(many.map((watched) => watched.next('healthy', () => true, PATIENCE * 2)));
      for (const { pid } of many) process.kill(pid, 'SIGKILL');
      await Promise.all(
        many.map((watched) => watched.next('healthy', ({ generation }) => generation >= 2, PATIENCE * 2)),
      );
      expect(new Set(many.map(({ origin }) => origin)).size).toBe(MANY);
      await Promise.all(many.map((watched) => watched.stopsCleanly()));
    },
    120_000 + MANY * 1500,
  );

  it('is survived by a sidecar that is hung, killed, made unhealthy and told to restart in turn', async () => {
    const config = serverConfig(
      { grandchildren: 1 },
      {
        process: { ...enoughRestarts, stopTimeout: 10_000 },
        healthCheck: { timeout: 500, failureThreshold: 2, degradedTimeout: 100 },
      },
    );
    const watched = await watch(config).run();
    process.kill(watched.pid, 'SIGSTOP');
    await watched.next('healthy');
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy');
    await watched.control('health=reset');
    await watched.next('healthy');
    watched.sidecar.actor.send({ type: 'RESTART' });
    await watched.next('healthy');
    expect(watched.processes()).toHaveLength(2);
    await watched.stopsCleanly();
  });
});

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was killed already.
  }
}
