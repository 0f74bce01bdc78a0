import { describe, expect, it } from 'vitest';
import { SidecarConnectionError, SidecarDiedError, SidecarError } from '../../src/index.js';
import { echoConfig, echoOverSocket } from '../support/echo-config.js';
import { outcome, rejection } from '../support/outcome.js';
import { watch } from '../support/watched-sidecar.js';
import { PATIENCE, within } from '../support/within.js';

const many = { client: { connections: 1000, maxWaiting: 20_000, circuitBreaker: null } } as const;

describe('a request in flight when the process dies', () => {
  it('fails with how it ended and its last lines', async () => {
    const watched = await watch(echoConfig()).run();
    const { pid } = watched;
    const failing = rejection(watched.sidecar.fetch('/never'));
    await watched.printed('waiting 1');
    process.kill(pid, 'SIGKILL');
    const error = await failing;
    expect(error).toBeInstanceOf(SidecarDiedError);
    expect(error).toMatchObject({ exit: { pid, signal: 'SIGKILL' }, tail: ['waiting 1'], isSent: true });
    expect(error.message).toContain(`process ${pid} was ended by SIGKILL`);
    expect(error.message).toContain('| waiting 1');
  });

  it('fails with the exit code when the request itself ends it', async () => {
    const watched = await watch(echoConfig()).run();
    const error = await rejection(watched.sidecar.request({ path: '/crash' }));
    expect(error).toBeInstanceOf(SidecarDiedError);
    expect(error).toMatchObject({ exit: { code: 3 }, isSent: true });
  });

  it('breaks off a body that is being read, and says why', async () => {
    const watched = await watch(echoConfig()).run();
    const response = await watched.sidecar.fetch('/half');
    const fetched = rejection(response.text());
    const { body } = await watched.sidecar.request({ path: '/half' });
    const requested = rejection(body.text());
    process.kill(watched.pid, 'SIGKILL');
    expect((await fetched).cause).toBeInstanceOf(SidecarDiedError);
    expect(await requested).toBeInstanceOf(SidecarDiedError);
  });

  it('of a thousand all fail, none hangs, and the next one is served', async () => {
    const watched = await watch(await echoOverSocket(many)).run();
    const requests: Promise<Error>[] = [];
    while (requests.length < 1000) {
      // Not all at once: a busy server has a backlog of 511, and refuses who comes beyond that.
      for (let more = 0; more < 250; more += 1) {
        requests.push(rejection(watched.sidecar.request({ path: '/never' })));
      }
      await watched.printed(`waiting ${requests.length}`);
    }
    process.kill(watched.pid, 'SIGKILL');
    const errors = await within(Promise.all(requests), () => 'a thousand errors');
    expect(errors.filter((error) => !(error instanceof SidecarDiedError))).toEqual([]);
    const answer = await watched.sidecar.fetch('/about');
    expect(await answer.json()).toMatchObject({ pid: watched.pid });
  });

  it('is not told so when only its connection broke', async () => {
    const watched = await watch(
      echoConfig({
        process: { command: 'sh', args: ['-c', 'while :; do sleep 1; done'] },
        healthCheck: { liveness: { type: 'process' } },
      }),
    ).run();
    const error = await rejection(watched.sidecar.fetch('/'));
    expect(error).toBeInstanceOf(SidecarConnectionError);
    expect(error).toMatchObject({ isSent: false, cause: { code: 'ECONNREFUSED' } });
    expect(watched.sidecar.status().state).toBe('running');
  });

  it('may finish while the sidecar is stopped, within the grace period', async () => {
    const script = `import('node:http').then(({ createServer }) => {
      const server = createServer((request, response) => {
        if (request.url !== '/slow') return response.end();
        console.log('began');
        process.once('SIGTERM', () => response.end('finished'));
      }).listen(process.env.PORT, process.env.HOST);
      process.once('SIGTERM', () => server.close());
    })`;
    const watched = await watch(echoConfig({ process: { args: ['-e', script] } })).run();
    const slow = watched.sidecar.fetch('/slow').then((response) => response.text());
    await watched.printed('began');
    const refused = watched.entered('stopping.terminating').then(() => outcome(watched.sidecar.fetch('/')));
    await watched.stopsCleanly();
    expect(await slow).toBe('finished');
    expect(await refused).toMatchObject({ name: 'SidecarUnavailableError', kind: 'stopped' });
    expect(watched.sidecar.status().client).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  it('fails when the sidecar is given up', async () => {
    const watched = await watch(echoConfig()).run();
    const failing = rejection(watched.sidecar.fetch('/never'));
    await watched.printed('waiting 1');
    watched.sidecar.actor.stop();
    expect(await failing).toBeInstanceOf(SidecarDiedError);
    expect(await rejection(watched.sidecar.fetch('/about'))).toMatchObject({ kind: 'stopped' });
  });
});

describe('ten thousand requests over ten crashes', () => {
  it.each([
    ['over TCP', async () => echoConfig({ ...many, process: { restartDelay: 1, maxRestarts: 100 } })],
    ['over a Unix socket', () => echoOverSocket({ ...many, process: { restartDelay: 1, maxRestarts: 100 } })],
  ])(
    'are each answered with their own answer or fail with a typed error, once, %s',
    async (_over, config) => {
      const watched = await watch(await config()).run();
      const { sidecar } = watched;
      const answered = new Map<number, string>();
      const failed = new Map<number, Error>();
      let settled = 0;
      let next = 0;
      const ask = async (id: number) => {
        try {
          const { body } = await sidecar.request({ path: '/echo', method: 'POST', body: `request ${id}` });
          answered.set(id, await body.text());
        } catch (error) {
          failed.set(id, error instanceof Error ? error : new Error(String(error)));
        }
        settled += 1;
      };
      const worker = async () => {
        while (next < 10_000) {
          next += 1;
          await ask(next);
        }
      };
      const crash = async () => {
        for (let crashes = 0; crashes < 10; crashes += 1) {
          const wanted = settled + 600;
          while (settled < wanted && next < 10_000) await new Promise((resolve) => setImmediate(resolve));
          if (sidecar.status().state !== 'running') await watched.next('healthy');
          process.kill(watched.pid, 'SIGKILL');
          await watched.next('healthy');
        }
      };
      await within(
        Promise.all([crash(), ...Array.from({ length: 100 }, worker)]),
        () => `ten thousand outcomes: ${settled}`,
        PATIENCE * 5,
      );
      expect(answered.size + failed.size).toBe(10_000);
      expect(settled).toBe(10_000);
      expect([...answered].filter(([id, text]) => text !== `request ${id}`)).toEqual([]);
      expect([...failed.values()].filter((error) => !(error instanceof SidecarError))).toEqual([]);
      expect(answered.size).toBeGreaterThan(5000);
      expect(watched.all('process-death').length).toBe(10);
    },
    PATIENCE * 6,
  );
});
