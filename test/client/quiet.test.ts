import { describe, expect, it } from 'vitest';
import { outcome, rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { within } from '../support/within.js';

/** A sidecar whose answers at /health never end. */
async function endless(): Promise<WatchedSidecar> {
  const liveness = { type: 'process' } as const;
  const watched = await watch(serverConfig({ health: 'drip-body' }, { healthCheck: { liveness } })).run();
  await watched.printed(/^listening on/);
  return watched;
}

describe('what is under way', () => {
  it('is counted until it is answered to the end, and can be waited for', async () => {
    const { sidecar } = await endless();
    expect(sidecar.inFlight).toBe(0);
    expect(await outcome(sidecar.whenQuiet())).toBe('done');
    const first = await sidecar.request({ path: '/health' });
    const second = await sidecar.request({ path: '/health' });
    expect(sidecar.inFlight).toBe(2);
    let isQuiet = false;
    const quiet = sidecar.whenQuiet().then(() => {
      isQuiet = true;
    });
    first.body.on('error', () => {}).destroy();
    await (await sidecar.request({ path: '/' })).body.dump();
    expect(isQuiet).toBe(false);
    second.body.on('error', () => {}).destroy();
    await within(quiet, () => 'quiet');
    expect(sidecar.inFlight).toBe(0);
  });

  it('need not be waited for any longer than a signal says', async () => {
    const { sidecar } = await endless();
    const reason = new Error('enough');
    expect(await rejection(sidecar.whenQuiet({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    const { body } = await sidecar.request({ path: '/health' });
    const controller = new AbortController();
    const waiting = rejection(sidecar.whenQuiet({ signal: controller.signal }));
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    body.on('error', () => {}).destroy();
  });

  it('is over when the process dies', async () => {
    const watched = await watch(serverConfig()).run();
    const failed = rejection(watched.sidecar.request({ path: '/slow?ms=20000' }));
    const quiet = outcome(watched.sidecar.whenQuiet());
    process.kill(watched.pid, 'SIGKILL');
    expect(await quiet).toBe('done');
    expect(await failed).toMatchObject({ name: 'SidecarDiedError' });
  });
});

describe('isReady', () => {
  it('is true while a request would be sent at once', async () => {
    const watched = watch(serverConfig());
    const { sidecar } = watched;
    expect(sidecar.isReady).toBe(false);
    watched.start();
    expect(sidecar.isReady).toBe(false);
    await watched.next('healthy');
    expect(sidecar.isReady).toBe(true);
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('process-death');
    expect(sidecar.isReady).toBe(false);
  });

  it('is false while the readiness check fails, though it is healthy', async () => {
    const readiness = { type: 'http', path: '/health', interval: 50, status: 503 } as const;
    const watched = await watch(
      serverConfig({}, { healthCheck: { liveness: { type: 'process' }, readiness } }),
    ).run();
    await watched.printed(/^listening on/);
    expect(watched.sidecar.isReady).toBe(false);
    await watched.control('health=503');
    await watched.next('ready');
    expect(watched.sidecar.isReady).toBe(true);
  });
});
