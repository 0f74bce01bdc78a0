import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetRolloutError, SidecarError } from '../../src/index.js';
import { compilerConfig } from '../support/compiler-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { type ServerOptions, serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type WatchedFleet, watchFleet } from '../support/watched-fleet.js';
import { eventually, within } from '../support/within.js';
import { answeringPid } from './answering-pid.js';

const INSTANCES = 4;
const MOST_FAILURES = 100;

function four(options: ServerOptions = {}): WatchedFleet<'api'> {
  return watchFleet((env) => ({
    sidecars: { api: { ...serverConfig(options, { process: { env } }), instances: INSTANCES } },
  }));
}

/** Asks without a pause, over so many lines at once, until it is stopped. */
class Load {
  readonly failures: unknown[] = [];
  readonly answeredBy = new Set<number | null>();
  /** The least that were ready at any time. */
  fewestReady = INSTANCES;
  #isOver = false;
  readonly #lines: readonly Promise<void>[];

  constructor(watched: WatchedFleet<'api'>, lines: number) {
    const sidecars = watched.fleet.sidecars.get('api') ?? [];
    for (const sidecar of sidecars) {
      sidecar.on('*', () => {
        const ready = sidecars.filter(({ isReady }) => isReady).length;
        this.fewestReady = Math.min(this.fewestReady, ready);
      });
    }
    this.#lines = Array.from({ length: lines }, () => this.#ask(watched));
  }

  /** Waits until each of them has answered. */
  async reaches(pids: readonly (number | null)[]): Promise<void> {
    await eventually(() => pids.every((pid) => this.answeredBy.has(pid)), 'an answer by each instance');
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await within(Promise.all(this.#lines), () => 'the last answers');
  }

  async #ask({ fleet }: WatchedFleet<'api'>): Promise<void> {
    const client = fleet.client('api');
    // A test that has failed leaves nobody who would stop it.
    while (!this.#isOver && this.failures.length < MOST_FAILURES) {
      try {
        // Not idempotent, so nothing is sent a second time; and slow enough to be under way when its turn comes.
        const { statusCode, body } = await client.request({ method: 'POST', path: '/slow?ms=20' });
        await body.text();
        if (statusCode !== 200) throw new Error(`answered with ${statusCode}`);
        this.answeredBy.add(await answeringPid(await client.fetch('/')));
      } catch (error) {
        this.failures.push(error);
      }
    }
  }
}

describe(`a rolling restart of ${INSTANCES} instances under load`, () => {
  it.each(['restart', 'reload'] as const)('(%s) fails no request, and keeps enough serving', async (how) => {
    // It dies at once by SIGTERM: only that it is drained first saves what it has.
    const watched = await four().run();
    const { fleet } = watched;
    const before = fleet.status().members.map(({ status }) => status.pid);
    const load = new Load(watched, 6);
    await load.reaches(before);
    await within(fleet.rollingRestart('api', { keepServing: 3, how }), () => watched.story());
    const after = fleet.status().members.map(({ status }) => status.pid);
    await load.reaches(after);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.fewestReady).toBe(3);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    expect(watched.events.filter(({ type }) => type === 'rolled')).toHaveLength(INSTANCES);
    expect(fleet.status()).toMatchObject({ state: 'running', rollout: null, restarts: { used: 0 } });
    await fleet.stop();
    watched.leavesNothing();
  });
});

describe('a rolling restart', () => {
  it('lets a request be finished that takes longer than the others', async () => {
    const watched = await four().run();
    const { fleet } = watched;
    const slow = Array.from({ length: INSTANCES }, () =>
      fleet.client('api').request({ path: '/slow?ms=400' }),
    );
    const rolling = outcome(fleet.rollingRestart('api', { keepServing: 0 }));
    for (const answer of await Promise.all(slow)) {
      expect(answer.statusCode).toBe(200);
      await answer.body.dump();
    }
    expect(await rolling).toBe('done');
  });

  it('of the only instance has the requests wait for the new process', async () => {
    const watched = await watchFleet((env) => ({
      sidecars: { api: serverConfig({}, { process: { env } }) },
    })).run();
    const { fleet } = watched;
    const before = fleet.status().members.map(({ status }) => status.pid);
    const load = new Load(watched, 4);
    await load.reaches(before);
    await within(fleet.rollingRestart('api'), () => watched.story());
    await load.reaches(fleet.status().members.map(({ status }) => status.pid));
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answeredBy.size).toBe(2);
  });

  it('by a reload that does not compile replaces nothing', async () => {
    const folder = await tempFolder();
    const source = join(folder, 'source');
    await writeFile(source, 'main');
    const watched = await watchFleet((env) => {
      const compile = compilerConfig({ input: source, output: join(folder, 'built') });
      return { sidecars: { api: { ...serverConfig({}, { process: { env }, compile }), instances: 2 } } };
    }).run();
    const { fleet } = watched;
    const before = fleet.status().members.map(({ status }) => status.pid);
    await rm(source);
    const error = await rejection(fleet.rollingRestart('api', { how: 'reload' }), () => watched.story());
    expect(error).toBeInstanceOf(FleetRolloutError);
    expect(error.message).toContain('was not reloaded');
    expect(fleet.status()).toMatchObject({ state: 'running', rollout: null });
    expect(fleet.status().members.map(({ status }) => status.pid)).toEqual(before);
  });

  it('that can’t bring the first one up leaves the others alone, and the fleet runs on', async () => {
    let isBroken = false;
    const watched = await watchFleet((env) => {
      const server = serverConfig({}, { process: { maxRestarts: 0 } });
      // What the next incarnation finds in its environment is no node any more.
      const environment = () => ({ ...env, ...(isBroken && { NODE_OPTIONS: '--no-such-option' }) });
      return {
        sidecars: { api: { ...server, process: { ...server.process, env: environment }, instances: 3 } },
      };
    }).run();
    const { fleet } = watched;
    isBroken = true;
    const error = await rejection(fleet.rollingRestart('api'), () => watched.story());
    expect(error).toBeInstanceOf(FleetRolloutError);
    expect(error).toMatchObject({ instance: 'api-1' });
    expect(error.message).toMatch(/^The rollout of "api" ended with "api-1": the restart budget is used up/);
    const { state, members } = fleet.status();
    expect(state).toBe('running');
    expect(members.map(({ status }) => status.state)).toEqual(['stopped', 'running', 'running']);
    expect((await fleet.client('api').fetch('/')).status).toBe(200);
  });

  it('is refused when it makes no sense, and says why', async () => {
    const watched = four();
    const { fleet } = watched;
    expect(await rejection(fleet.rollingRestart('api'))).toMatchObject({
      message: 'The fleet is stopped: it has to run for a rollout.',
    });
    await watched.run();
    expect(await rejection(fleet.rollingRestart('api', { keepServing: 4 }))).toBeInstanceOf(RangeError);
    const first = outcome(fleet.rollingRestart('api'));
    const second = await rejection(fleet.rollingRestart('api'));
    expect(second).toBeInstanceOf(SidecarError);
    expect(second.message).toMatch(/under way already/);
    await fleet.stop();
    expect(await first).toBeInstanceOf(FleetRolloutError);
  });
});
