import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { SidecarUnavailableError } from '../../src/index.js';
import { echoConfig } from '../support/echo-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

describe('a request to a sidecar that is not up', () => {
  it('fails at once before it was started, and after it was stopped', async () => {
    const watched = watch(echoConfig());
    const before = await rejection(watched.sidecar.fetch('/about'));
    expect(before).toBeInstanceOf(SidecarUnavailableError);
    expect(before).toMatchObject({ kind: 'stopped' });
    expect(before.message).toContain('it is stopped: it was never started');
    await watched.run();
    expect((await watched.sidecar.fetch('/about')).status).toBe(200);
    await watched.stopsCleanly();
    const after = await rejection(watched.sidecar.fetch('/about'));
    expect(after).toMatchObject({ kind: 'stopped' });
    expect(after.message).toContain('it is stopped (as requested)');
  });

  it('waits while it starts, in the order in which it came', async () => {
    const watched = watch(echoConfig({ client: { connections: 1 } }));
    const { sidecar } = watched.start();
    const order: number[] = [];
    const requests = [1, 2, 3].map((each) =>
      sidecar.request({ path: '/echo' }).then(async ({ body }) => {
        await body.text();
        order.push(each);
      }),
    );
    expect(sidecar.status().client).toMatchObject({ waiting: 3, inFlight: 0 });
    await Promise.all(requests);
    expect(order).toEqual([1, 2, 3]);
    expect(sidecar.status().client).toMatchObject({ waiting: 0, inFlight: 0 });
  });

  it('waits while it restarts, and is answered by the next process', async () => {
    const watched = await watch(echoConfig()).run();
    const { pid } = watched;
    process.kill(pid, 'SIGKILL');
    await watched.entered('restarting.backingOff');
    const answer = await (await watched.sidecar.fetch('/about')).json();
    expect(answer).toMatchObject({ pid: watched.pid });
    expect(watched.pid).not.toBe(pid);
  });

  it('is answered by the old process while a reload compiles', async () => {
    const folder = await tempFolder();
    const pipe = join(folder, 'go-on');
    const compile = { command: 'sh', args: ['-c', `if [ -e ${pipe} ]; then cat ${pipe}; fi`] };
    const watched = await watch(echoConfig({ compile })).run();
    const { pid } = watched;
    // The second compilation waits until somebody opens the pipe.
    execFileSync('mkfifo', [pipe]);
    const reloaded = watched.sidecar.reload();
    await watched.entered('restarting.recompiling');
    expect(await (await watched.sidecar.fetch('/about')).json()).toMatchObject({ pid });
    await writeFile(pipe, '');
    await reloaded;
    expect(await (await watched.sidecar.fetch('/about')).json()).toMatchObject({ pid: watched.pid });
    expect(watched.pid).not.toBe(pid);
  });

  it('waits no longer than client.waitForReady, and is told what the sidecar does', async () => {
    const watched = watch(
      echoConfig({ process: { args: ['-e', 'setInterval(() => {}, 1000)'] }, client: { waitForReady: 200 } }),
    );
    watched.start();
    await watched.entered('waitingHealthy');
    const error = await rejection(watched.sidecar.fetch('/'));
    expect(error).toMatchObject({ name: 'SidecarUnavailableError', kind: 'timeout' });
    expect(error.message).toMatch(
      /was not ready within 200 ms.*it is waitingHealthy \(process \d+ was started/,
    );
    expect(watched.sidecar.status().client.waiting).toBe(0);
  });

  it('does not wait beside client.maxWaiting others', async () => {
    const watched = watch(echoConfig({ client: { maxWaiting: 2 } }));
    watched.start();
    const waiting = [1, 2].map(() => outcome(watched.sidecar.fetch('/about')));
    expect(await rejection(watched.sidecar.fetch('/about'))).toMatchObject({ kind: 'full' });
    expect(await Promise.all(waiting)).toEqual(['done', 'done']);
  });

  it('does not wait at all with waitForReady 0', async () => {
    const watched = watch(echoConfig({ client: { waitForReady: 0 } }));
    watched.start();
    expect(await rejection(watched.sidecar.fetch('/about'))).toMatchObject({ kind: 'timeout' });
  });

  it('fails when it is stopped while it waits', async () => {
    const watched = watch(echoConfig({ process: { args: ['-e', 'setInterval(() => {}, 1000)'] } }));
    watched.start();
    await watched.entered('waitingHealthy');
    const failing = rejection(watched.sidecar.fetch('/'));
    await watched.stopsCleanly();
    expect(await failing).toMatchObject({ kind: 'stopped' });
  });

  it('can be given up while it waits, and never reaches the sidecar', async () => {
    const watched = watch(echoConfig());
    watched.start();
    const controller = new AbortController();
    const { signal } = controller;
    const fetched = rejection(watched.sidecar.fetch('/never', { signal }));
    const requested = rejection(watched.sidecar.request({ path: '/never', signal }));
    await wait(0);
    controller.abort(new Error('not needed any more'));
    expect((await fetched).message).toBe('not needed any more');
    expect((await requested).message).toBe('not needed any more');
    expect(watched.sidecar.status().client.waiting).toBe(0);
    await watched.entered('running');
    await (await watched.sidecar.fetch('/about')).text();
    expect(watched.lines()).toEqual([]);
    const late = await rejection(watched.sidecar.fetch('/never', { signal: AbortSignal.abort() }));
    expect(late.name).toBe('AbortError');
  });

  it('waits while the readiness check fails, and the process is not restarted', async () => {
    const watched = await watch(
      echoConfig({ healthCheck: { readiness: { path: '/ready', interval: 20 }, retryInterval: 20 } }),
    ).run();
    await watched.next('ready');
    const { pid } = watched;
    await (await request(`${watched.origin}/set?ready=no`)).body.dump();
    await watched.next('not-ready');
    const waiting = watched.sidecar.fetch('/about');
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', client: { waiting: 1 } });
    await (await request(`${watched.origin}/set?ready=yes`)).body.dump();
    expect(await (await waiting).json()).toMatchObject({ pid });
  });

  it('is told what the readiness check says when that lasts too long', async () => {
    const watched = await watch(
      echoConfig({
        healthCheck: { readiness: { path: '/ready', interval: 20 }, retryInterval: 20 },
        client: { waitForReady: 50 },
      }),
    ).run();
    await watched.next('ready');
    await (await request(`${watched.origin}/set?ready=no`)).body.dump();
    await watched.next('not-ready');
    const error = await rejection(watched.sidecar.fetch('/about'));
    expect(error.message).toMatch(/it is running, but not ready: GET .*\/ready: .*503/);
  });
});

describe('a lazy sidecar', () => {
  it('is started by the first request, and by start()', async () => {
    const watched = watch(echoConfig({ lazy: true }));
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: null });
    expect((await watched.sidecar.fetch('/about')).status).toBe(200);
    expect(watched.states()).toEqual(['stopped', 'compiling', 'spawning', 'waitingHealthy', 'running']);
    await watched.stopsCleanly();
    expect(await rejection(watched.sidecar.fetch('/about'))).toMatchObject({ kind: 'stopped' });
    await watched.sidecar.start();
    expect((await watched.sidecar.fetch('/about')).status).toBe(200);

    const other = watch(echoConfig({ lazy: true }));
    await other.run();
    expect(other.sidecar.status().state).toBe('running');
  });

  it('that can not be started fails the request at once, and is not tried again by the next', async () => {
    const watched = watch(echoConfig({ lazy: true, process: { command: './is-not-there' } }));
    const error = await rejection(watched.sidecar.fetch('/about'));
    expect(error).toMatchObject({ kind: 'stopped' });
    expect(error.message).toContain('is-not-there does not exist');
    expect(await rejection(watched.sidecar.fetch('/about'))).toMatchObject({ kind: 'stopped' });
    expect(watched.states().filter((state) => state === 'spawning')).toHaveLength(1);
  });
});

describe('an idle sidecar', () => {
  it('is stopped after idleTimeout, and started by the next request', async () => {
    const watched = await watch(echoConfig({ idleTimeout: 150 })).run();
    const { pid } = watched;
    await watched.next('stopped');
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'idle', pid: null });
    watched.leavesNothing();
    expect(await (await watched.sidecar.fetch('/about')).json()).toMatchObject({ pid: watched.pid });
    expect(watched.pid).not.toBe(pid);
  });

  it('is not idle while a stream is open', async () => {
    const watched = await watch(echoConfig({ idleTimeout: 100 })).run();
    const controller = new AbortController();
    const { body } = await watched.sidecar.request({ path: '/half', signal: controller.signal });
    const read = rejection(body.text());
    await wait(400);
    expect(watched.sidecar.status()).toMatchObject({ state: 'running', client: { inFlight: 1 } });
    controller.abort();
    await read;
    await watched.next('stopped', ({ reason }) => reason === 'idle');
  });

  it('serves a request that comes while it is stopped for idleness', async () => {
    const watched = await watch(echoConfig({ idleTimeout: 100 })).run();
    await watched.entered('stopping.terminating');
    expect((await watched.sidecar.fetch('/about')).status).toBe(200);
    expect(watched.sidecar.status().state).toBe('running');
  });
});
