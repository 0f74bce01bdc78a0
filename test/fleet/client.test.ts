import { describe, expect, it } from 'vitest';
import { SidecarUnavailableError } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { type ServerOptions, serverConfig } from '../support/server-config.js';
import { type WatchedFleet, watchFleet } from '../support/watched-fleet.js';
import { answeringPid } from './answering-pid.js';

type Sections = Parameters<typeof serverConfig>[1];

function instances(count: number, options: ServerOptions = {}, sections: Sections = {}): WatchedFleet<'api'> {
  return watchFleet((env) => ({
    sidecars: {
      api: {
        ...serverConfig(options, { ...sections, process: { env, ...sections?.process } }),
        instances: count,
      },
    },
  }));
}

const pids = ({ fleet }: WatchedFleet<'api'>) => fleet.status().members.map(({ status }) => status.pid);

async function answering({ fleet }: WatchedFleet<'api'>): Promise<number> {
  return answeringPid(await fleet.client('api').fetch('/'));
}

describe('the client of a fleet', () => {
  it('asks one after the other in turn, and skips those that are busier', async () => {
    const watched = await instances(3).run();
    const [first, second, third] = pids(watched);
    const inTurn = [await answering(watched), await answering(watched), await answering(watched)];
    expect(inTurn).toEqual([first, second, third]);
    // Keeps the next one busy.
    const slow = watched.fleet.client('api').request({ path: '/slow?ms=3000' });
    const others: number[] = [];
    for (let each = 0; each < 4; each += 1) others.push(await answering(watched));
    expect(others).toEqual([second, third, second, third]);
    watched.crash('api', 1);
    expect(await rejection(slow)).toMatchObject({ name: 'SidecarDiedError' });
  });

  it('skips one that has crashed, and asks it again when it is back', async () => {
    const watched = await instances(2, {}, { process: { restartDelay: 300 } }).run();
    const [first, second] = pids(watched);
    watched.crash('api', 1);
    await watched.lived('api-1 lost');
    expect(await Promise.all([1, 2, 3].map(() => answering(watched)))).toEqual([second, second, second]);
    await watched.next('state', ({ state }) => state === 'running');
    const [again] = pids(watched);
    expect(again).not.toBe(first);
    expect(new Set(await Promise.all([1, 2].map(() => answering(watched))))).toEqual(
      new Set([again, second]),
    );
  });

  it('waits for the first that is ready while none is', async () => {
    const watched = instances(2, { listenAfter: 200 });
    const started = watched.fleet.start();
    const pid = await answering(watched);
    expect(pids(watched)).toContain(pid);
    await started;
  });

  it('fails by the rules of one: stopped, not ready in time, given up by a signal, with a fallback', async () => {
    const watched = instances(2, { neverListen: true }, { client: { waitForReady: 50 } });
    const client = watched.fleet.client('api');
    expect(client.pick()).toBeNull();
    const stopped = await rejection(client.fetch('/'));
    expect(stopped).toBeInstanceOf(SidecarUnavailableError);
    expect(stopped).toMatchObject({ kind: 'stopped' });
    const starting = rejection(watched.fleet.start());
    await watched.lived('api-2 spawned');
    expect(await rejection(client.request({ path: '/' }))).toMatchObject({ kind: 'timeout' });
    const reason = new Error('enough');
    expect(await rejection(client.fetch('/', { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await watched.fleet.stop();
    expect(await starting).toMatchObject({ reason: { type: 'requested' } });

    const fallback = () => new Response('instead');
    const kind = instances(2, {}, { client: { fallback } });
    expect(await (await kind.fleet.client('api').fetch('/')).text()).toBe('instead');
  });
});
