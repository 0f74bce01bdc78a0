import { describe, expect, it } from 'vitest';
import { outcome } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';
import { pidThatAnswers } from './answers.js';

const COUNT = 20;

describe(`${COUNT} sidecars in one host`, () => {
  it('start at once, each on its own port, come back after a crash of all, and stop at once', async () => {
    const all = Array.from({ length: COUNT }, (_, index) =>
      watch(serverConfig({}, { name: `server-${index}` })),
    );
    await Promise.all(all.map((watched) => watched.run()));
    expect(new Set(all.map(({ origin }) => origin)).size).toBe(COUNT);
    const answering = await Promise.all(all.map(({ origin }) => pidThatAnswers(origin)));
    expect(answering).toEqual(all.map(({ pid }) => pid));

    for (const { pid } of all) process.kill(pid, 'SIGKILL');
    await Promise.all(all.map((watched) => watched.next('healthy')));
    for (const { sidecar } of all)
      expect(sidecar.status()).toMatchObject({ state: 'running', generation: 2 });

    const stops = await Promise.all(all.map(({ sidecar }) => outcome(sidecar.stop())));
    expect(new Set(stops)).toEqual(new Set(['done']));
    for (const watched of all) watched.leavesNothing();
  }, 60_000);

  it('do not disturb each other: one that can’t start leaves the others alone', async () => {
    const good = watch(serverConfig());
    const bad = watch(serverConfig({}, { process: { command: 'no-such-program' } }));
    expect(await Promise.all([outcome(good.sidecar.start()), outcome(bad.sidecar.start())])).toEqual([
      'done',
      expect.objectContaining({ reason: 'spawn-failed' }),
    ]);
    expect(await good.sidecar.isHealthy()).toBe(true);
  });
});
