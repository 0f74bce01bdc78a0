import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ControlError, ServiceControl, ServiceNotRunningError } from '../../src/control.js';
import { createSidecar } from '../../src/index.js';
import { type Served, serve } from '../service/served.js';
import { rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { within } from '../support/within.js';

function service(options: Parameters<typeof serve>[1] = {}): Promise<Served> {
  return serve(createSidecar({ ...serverConfig(), name: 'api', stateDirectory: null }), options);
}

function controlOf({ service: { config } }: Served): ServiceControl {
  return new ServiceControl({ config: config ?? '' });
}

describe('the client of a service', () => {
  it('asks and steers it, over the socket', async () => {
    const served = await service();
    const control = controlOf(served);
    expect(await control.status()).toMatchObject({ pid: process.pid, sidecars: [{ state: 'stopped' }] });
    await control.start('api');
    expect(await control.sidecar('api')).toMatchObject({ state: 'running', generation: 1 });
    expect(await control.why('api')).toMatch(/^Running since /);
    expect(await control.health('api')).toMatchObject({ isHealthy: true });
    expect((await control.history('api')).at(-1)).toMatchObject({ to: 'running' });
    expect((await control.logs('api', { lines: 1 })).map(({ line }) => line)).toEqual([
      expect.stringContaining('listening on'),
    ]);
    await control.restart('api');
    await control.reload('api');
    expect(await control.whatIf('api', { type: 'STOP' })).toMatchObject({ to: 'stopping.terminating' });
    expect(await control.sidecar('api')).toMatchObject({ state: 'running', generation: 3 });
    expect(await control.metrics()).toContain('sidecar_ready');
    await control.stop('api');
    expect(await control.send('api', 'RELOAD')).toMatchObject({ type: 'ignored' });
    await control.stopService();
    expect(served.service.isStopping).toBe(true);
  });

  it('listens to what it wants to hear, until the service ends', async () => {
    const served = await service();
    const control = controlOf(served);
    const events = await control.events({ types: ['transition', 'sample'], sidecars: ['api'] });
    await control.start('api');
    await control.stop('api');
    await served.control.close();
    const heard: string[] = [];
    const read = async () => {
      for await (const event of events) {
        if (event.type === 'transition') heard.push(event.record.to);
        else expect(event.type).toBe('sample');
      }
    };
    await within(read(), () => `the end of the events, after ${heard.join(', ')}`);
    expect(heard.slice(0, 4)).toEqual(['compiling', 'spawning', 'waitingHealthy', 'running']);
    expect(heard.at(-1)).toBe('stopped');
  });

  it('listens no more once it is closed, read or not', async () => {
    const served = await service();
    const unread = await controlOf(served).events();
    const waiting = await controlOf(served).events();
    const next = waiting.next();
    unread.close();
    waiting.close();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await unread.next()).toEqual({ done: true, value: undefined });
  });

  it('gives up listening with its signal', async () => {
    const served = await service();
    const control = controlOf(served);
    const abort = new AbortController();
    const events = await control.events({ signal: abort.signal });
    const next = rejection(events.next());
    abort.abort();
    expect((await next).name).toBe('AbortError');
  });

  it('reaches it over TCP with the token only', async () => {
    const served = await service({ listen: { host: '127.0.0.1', port: 0 } });
    const port = Number(served.control.tcpAddress?.split(':').at(-1));
    const token = await readFile(served.place.tokenFile, 'utf8');
    const over = (secret: string) => new ServiceControl({ host: '127.0.0.1', port, token: secret });
    expect(await over(token).status()).toMatchObject({ pid: process.pid });
    expect(await rejection(over('guessed').status())).toMatchObject({ status: 401 });
  });

  it('says what was wrong in the words of the service', async () => {
    const served = await service();
    const control = controlOf(served);
    const error = await rejection(control.restart('a/../b'));
    expect(error).toBeInstanceOf(ControlError);
    expect(error).toMatchObject({ status: 404, message: 'there is no sidecar "a/../b"; there are: api' });
    expect(await rejection(control.reload('api'))).toMatchObject({ status: 409 });
  });

  it('says that none is running, also where one was killed, and that what answers is none', async () => {
    const control = new ServiceControl({ config: join(await tempFolder(), 'sidecar.config.ts') });
    expect(await rejection(control.status())).toBeInstanceOf(ServiceNotRunningError);

    const other = createServer((_request, response) => response.end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const wrong = new ServiceControl({ host: '127.0.0.1', port, token: 'x' });
    expect((await rejection(wrong.status())).message).toBe('what answered is no service of sidecar-machine');
  });
});
