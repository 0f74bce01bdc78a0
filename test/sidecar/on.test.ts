import { describe, expect, expectTypeOf, it } from 'vitest';
import type {
  ExitStatus,
  SidecarEmitted,
  SidecarStartError,
  StopReason,
  TransitionRecord,
} from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('on()', () => {
  it('tells one kind of event, with its type', async () => {
    const watched = watch(serverConfig());
    const pids: number[] = [];
    watched.sidecar.on('spawned', (event) => {
      expectTypeOf(event).toExtend<Extract<SidecarEmitted, { type: 'spawned' }>>();
      pids.push(event.pid);
    });
    await watched.run();
    expect(pids).toEqual([watched.pid]);
  });

  it('has typed events', () => {
    const { sidecar } = watch(serverConfig());
    sidecar.on('process-death', (event) => {
      expectTypeOf(event.tail).toEqualTypeOf<readonly string[]>();
      expectTypeOf(event).toExtend<ExitStatus>();
    });
    sidecar.on('resource-exhaustion', ({ value, limit }) =>
      expectTypeOf({ value, limit }).toEqualTypeOf<{ value: number; limit: number }>(),
    );
    sidecar.on('transition', ({ record }) => expectTypeOf(record).toEqualTypeOf<TransitionRecord>());
    sidecar.on('stopped', ({ reason }) => expectTypeOf(reason).toEqualTypeOf<StopReason>());
    sidecar.on('*', (event) => expectTypeOf(event).toEqualTypeOf<SidecarEmitted>());
    // @ts-expect-error: no such event
    sidecar.on('no-such-event', () => {});
    expectTypeOf<SidecarStartError['reason']>().toEqualTypeOf<StopReason>();
  });

  it('tells a life in order', async () => {
    const watched = await watch(serverConfig()).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy');
    await watched.stopsCleanly();
    const types = watched.events
      .map(({ type }) => type)
      .filter((type) => type !== 'transition' && type !== 'output' && type !== 'health-checked');
    expect(types).toEqual([
      'spawned',
      'healthy',
      'process-death',
      'restart-scheduled',
      'spawned',
      'healthy',
      'stopped',
    ]);
  });

  it('relays what the process prints, line by line', async () => {
    const watched = await watch(serverConfig({ floodLines: 3 })).run();
    await watched.stopsCleanly();
    const lines = watched.all('output').filter(({ line }) => line.startsWith('flood'));
    expect(lines).toEqual(
      [1, 2, 3].map((n) => ({
        type: 'output',
        source: 'process',
        stream: 'stdout',
        line: `flood line ${n}`,
      })),
    );
  });

  it('returns the function that ends it', async () => {
    const watched = watch(serverConfig());
    const heard: string[] = [];
    const end = watched.sidecar.on('*', ({ type }) => heard.push(type));
    const endAtOnce = watched.sidecar.on('spawned', () => heard.push('never'));
    endAtOnce();
    await watched.run();
    expect(heard).not.toContain('never');
    end();
    end();
    const before = heard.length;
    await watched.stopsCleanly();
    expect(heard).toHaveLength(before);
  });

  it('may be ended from within the listener', async () => {
    const watched = watch(serverConfig());
    let heard = 0;
    const end = watched.sidecar.on('transition', () => {
      heard += 1;
      end();
    });
    await watched.run();
    expect(heard).toBe(1);
  });

  it('lets a listener give commands', async () => {
    const watched = watch(serverConfig());
    let stop = Promise.resolve<unknown>(undefined);
    watched.sidecar.on('healthy', () => {
      stop = outcome(watched.sidecar.stop());
    });
    await outcome(watched.sidecar.start());
    expect(await stop).toBe('done');
    expect(watched.sidecar.status()).toMatchObject({ state: 'stopped', reason: 'requested' });
  });
});
