import { expect, it } from 'vitest';
import { noTotals } from '../../src/client/totals.js';
import { echoConfig } from '../support/echo-config.js';
import { rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';

const counts = (watched: ReturnType<typeof watch>) => watched.sidecar.status().client;

it('requests are counted by how they ended', async () => {
  const watched = watch(
    echoConfig({ client: { circuitBreaker: { threshold: 3, openFor: 60_000 }, maxWaiting: 1 } }),
  );
  const { sidecar } = watched;
  await rejection(sidecar.fetch('/about'));
  expect(counts(watched)).toMatchObject({ totals: { ...noTotals, stopped: 1 }, waits: { count: 0 } });

  watched.start();
  const waited = sidecar.fetch('/about');
  // Only one may wait.
  expect(await rejection(sidecar.request({ path: '/about' }))).toMatchObject({ kind: 'full' });
  await (await waited).text();
  await watched.next('healthy');
  expect(counts(watched).waits.count).toBe(1);
  expect(counts(watched).waits.duration).toBeGreaterThan(0);

  for (const code of [302, 404, 500]) {
    await (await sidecar.request({ path: `/status?code=${code}` })).body.dump();
  }
  const socket = await sidecar.dispatcher.upgrade({ path: '/', protocol: 'echo' });
  socket.socket.destroy();
  const abort = new AbortController();
  const given = rejection(sidecar.fetch('/never', { signal: abort.signal }));
  await watched.printed('waiting 1');
  abort.abort();
  await given;
  await (await sidecar.fetch('/status?code=500')).text();
  await (await sidecar.fetch('/status?code=500')).text();
  expect(await rejection(sidecar.fetch('/about'))).toMatchObject({ kind: 'circuit-open' });
  // Without the circuit breaker.
  await rejection(sidecar.dispatcher.request({ path: '/crash', method: 'GET', origin: 'http://x' }));

  expect(counts(watched)).toMatchObject({
    totals: {
      ...noTotals,
      stopped: 1,
      full: 1,
      informational: 1,
      success: 1,
      redirect: 1,
      clientError: 1,
      serverError: 3,
      failed: 1,
      circuitOpen: 1,
      died: 1,
    },
    inFlight: 0,
  });
});

it('a request that was not served in time has waited', async () => {
  const watched = watch(
    echoConfig({ process: { args: ['-e', 'setInterval(() => {}, 1000)'] }, client: { waitForReady: 50 } }),
  );
  watched.start();
  await rejection(watched.sidecar.fetch('/'));
  const abort = new AbortController();
  const given = rejection(watched.sidecar.fetch('/', { signal: abort.signal }));
  await watched.sidecar.request({ path: '/' }).catch(() => {});
  abort.abort();
  await given;
  const { totals, waits } = counts(watched);
  expect(totals.timeout + totals.failed).toBe(3);
  expect(waits.count).toBe(3);
});
