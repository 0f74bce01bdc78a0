import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../../src/config/is-record.js';
import { ServiceControl } from '../../src/control.js';
import { createFleet, createSidecar } from '../../src/index.js';
import { openControl, ServiceRunningError } from '../../src/service/control-server.js';
import { servicePlace } from '../../src/service/place.js';
import { Service } from '../../src/service/service.js';
import { rejection } from '../support/outcome.js';
import { holdSocket } from '../support/port-holder.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { type Answered, ask, jsonOf, type Served, serve, told } from './served.js';

const nameless = { stateDirectory: null };

async function running(): Promise<Served> {
  const sidecar = createSidecar({ ...serverConfig(), name: 'api', ...nameless });
  const served = await serve(sidecar);
  await sidecar.start();
  return served;
}

describe('the control of a service', () => {
  it('tells how the sidecar is, why, and what it has done', async () => {
    const served = await running();
    const [{ sidecar } = { sidecar: null }] = served.service.members;
    expect(await told(served, '/status')).toMatchObject({
      pid: process.pid,
      fleet: null,
      isStopping: false,
      sidecars: [{ key: 'api', name: 'api', state: 'running', pid: sidecar?.status().pid }],
    });
    expect(await told(served, '/sidecars/api')).toMatchObject({ name: 'api', state: 'running' });
    expect(await told(served, '/sidecars/api/why')).toEqual({
      why: expect.stringMatching(/^Running since /),
    });
    expect(await told(served, '/sidecars/api/health')).toMatchObject({ isHealthy: true, isReady: true });
    expect(await told(served, '/sidecars/api/history')).toMatchObject({
      transitions: [
        { to: 'compiling' },
        {},
        {},
        { to: 'running', explanation: expect.stringContaining('passed') },
      ],
    });
    expect(await told(served, '/sidecars/api/logs')).toMatchObject({
      lines: [{ source: 'process', line: expect.stringContaining('listening on') }],
    });
    expect(await told(served, '/livez')).toEqual({ done: true });
    expect(await told(served, '/readyz')).toEqual({ ready: true, notReady: [] });
    const metrics = await ask(served, 'GET', '/metrics');
    expect(metrics).toMatchObject({ status: 200, type: 'text/plain' });
    expect(metrics.text).toContain('sidecar_ready{sidecar="api"} 1');
  });

  it('stops, starts, restarts and reloads it, and answers once that is done', async () => {
    const served = await running();
    const status = async () => told(served, '/sidecars/api');
    const post = async (verb: string) => jsonOf(await ask(served, 'POST', `/sidecars/api/${verb}`), 200);
    expect(await post('restart')).toEqual({ done: true });
    expect(await status()).toMatchObject({ state: 'running', generation: 2 });
    await post('reload');
    expect(await status()).toMatchObject({ state: 'running', generation: 3 });
    await post('stop');
    expect(await status()).toMatchObject({ state: 'stopped', reason: 'requested', pid: null });
    expect(await told(served, '/readyz', 503)).toEqual({ ready: false, notReady: ['api'] });
    const refused = await ask(served, 'POST', '/sidecars/api/reload');
    expect(jsonOf(refused, 409)).toMatchObject({ detail: expect.stringContaining('is not started') });
    await post('start');
    expect(await status()).toMatchObject({ state: 'running', generation: 4 });
  });

  it('says what an event would do, and does nothing; what is sent is done', async () => {
    const served = await running();
    const [{ sidecar } = { sidecar: null }] = served.service.members;
    const whatIf = async (event: object) =>
      jsonOf(await ask(served, 'POST', '/sidecars/api/what-if', event), 200);
    expect(await whatIf({ type: 'STOP' })).toMatchObject({ type: 'taken', to: 'stopping.terminating' });
    expect(await whatIf({ type: 'after', delay: 'backoff' })).toMatchObject({ type: 'ignored' });
    expect(sidecar?.status()).toMatchObject({ state: 'running', generation: 1 });
    const stopped = new Promise((resolve) => sidecar?.on('stopped', resolve));
    const sent = await ask(served, 'POST', '/sidecars/api/send', { type: 'STOP' });
    expect(jsonOf(sent, 202)).toMatchObject({ type: 'taken', to: 'stopping.terminating' });
    await stopped;
  });

  it.each([
    ['GET', '/sidecars/nobody', undefined, 404, 'there is no sidecar "nobody"; there are: api'],
    ['GET', '/nowhere', undefined, 404, 'there is no such route'],
    ['POST', '/status', undefined, 405, 'it takes GET, not POST'],
    ['POST', '/openapi.json', undefined, 405, 'it takes GET, not POST'],
    ['GET', '/sidecars/api/send', undefined, 405, 'it takes POST, not GET'],
    ['GET', `/sidecars/${'x'.repeat(101)}`, undefined, 400, 'name'],
    ['GET', '/sidecars/%E0%A4%A', undefined, 400, 'is not a valid url component'],
    ['GET', '/status?verbose=1', undefined, 400, 'Unrecognized key: "verbose"'],
    ['GET', '/sidecars/api/logs?lines=0', undefined, 400, 'lines'],
    ['POST', '/sidecars/api/what-if', { type: 'process.exited' }, 400, 'type'],
    ['POST', '/sidecars/api/what-if', { type: 'after', delay: 'never' }, 400, 'delay'],
    ['POST', '/sidecars/api/send', { type: 'health.requested' }, 400, 'type'],
    ['POST', '/sidecars/api/stop', { now: true }, 400, 'now'],
    ['POST', '/sidecars/api/send', undefined, 400, 'expected object'],
  ] as const)('%s %s with %j is refused with %i', async (method, path, body, status, detail) => {
    const served = await serve(createSidecar({ ...serverConfig(), name: 'api', ...nameless }));
    const answer = await ask(served, method, path, body);
    expect(answer.type).toBe('application/problem+json');
    expect(jsonOf(answer, status)).toMatchObject({ status, detail: expect.stringContaining(detail) });
    expect(served.faults).toEqual([]);
  });

  it('has each instance of a fleet by its name, and the service ends with POST /stop', async () => {
    const fleet = createFleet({
      sidecars: {
        api: { ...serverConfig(), ...nameless, instances: 2 },
        db: { ...serverConfig(), ...nameless },
      },
    });
    const served = await serve(fleet);
    const ended = served.service.run();
    await fleet.start();
    expect(await told(served, '/status')).toMatchObject({
      fleet: { state: 'running' },
      sidecars: [
        { key: 'api', name: 'api-1', state: 'running' },
        { key: 'api', name: 'api-2', state: 'running' },
        { key: 'db', name: 'db', state: 'running' },
      ],
    });
    // All by themselves: the service stays, and they may be started again.
    for (const name of ['api-1', 'api-2', 'db'])
      jsonOf(await ask(served, 'POST', `/sidecars/${name}/stop`), 200);
    expect(await told(served, '/status')).toMatchObject({ fleet: { state: 'stopped' }, isStopping: false });
    jsonOf(await ask(served, 'POST', '/sidecars/db/start'), 200);
    expect(await told(served, '/sidecars/db')).toMatchObject({ state: 'running' });
    expect(jsonOf(await ask(served, 'POST', '/stop'), 200)).toEqual({ done: true });
    expect(await ended).toBe('as-asked');
    expect(jsonOf(await ask(served, 'POST', '/sidecars/db/start'), 409)).toMatchObject({
      detail: 'the service is being stopped',
    });
  });

  it('is for this user only, and one a configuration', async () => {
    const served = await serve(createSidecar({ ...serverConfig(), name: 'api', ...nameless }));
    const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await modeOf(served.place.address)).toBe(0o600);
    expect(await modeOf(dirname(served.place.address))).toBe(0o700);
    const { config } = served.service.status();
    const other = new Service(createSidecar(serverConfig()), { config: config ?? '' });
    const options = { config: config ?? '', listen: null, version: '0.0.0', onFault: () => {} };
    expect(await rejection(openControl(other, options))).toBeInstanceOf(ServiceRunningError);
    expect(await told(served, '/livez')).toEqual({ done: true });
  });

  it('one of two that begin at once takes the place of one that was killed', async () => {
    const config = join(await tempFolder(), 'sidecar.config.ts');
    const { address, directory } = servicePlace(config);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await (await holdSocket(address)).end();
    const options = { config, listen: null, version: '0.0.0', onFault: () => {} };
    const open = () => openControl(new Service(createSidecar(serverConfig()), { config }), options);
    const opened = await Promise.allSettled([open(), open()]);
    const [winner] = opened.filter((each) => each.status === 'fulfilled');
    const [loser] = opened.filter((each) => each.status === 'rejected');
    expect(loser?.reason).toBeInstanceOf(ServiceRunningError);
    expect(await new ServiceControl({ config }).status()).toMatchObject({ pid: process.pid });
    await winner?.value.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('answers as its OpenAPI document says', async () => {
    const served = await running();
    const document = await told(served, '/openapi.json');
    const ajv = new Ajv2020({ strict: false });
    const checked: string[] = [];
    const check = (method: string, path: string, { status, type, text }: Answered) => {
      const schema = at(
        document,
        'paths',
        path,
        method,
        'responses',
        type === 'application/problem+json' ? 'default' : String(status),
        'content',
        type,
        'schema',
      );
      expect(isRecord(schema), `${method} ${path} ${status} ${type}`).toBe(true);
      if (isRecord(schema) && type.endsWith('json')) {
        expect(ajv.validate(schema, JSON.parse(text)), `${path}: ${ajv.errorsText()}`).toBe(true);
      }
      checked.push(`${method} ${path}`);
    };
    const paths = Object.entries(Object(at(document, 'paths'))).filter(
      ([path]) => !/events|\/stop$/.test(path),
    );
    const bodies = new Map<string, unknown>([
      ['/sidecars/{name}/what-if', { type: 'STOP' }],
      ['/sidecars/{name}/send', { type: 'RESTART' }],
      ['/fleet/rollouts', { sidecar: 'api' }],
      ['/apply', { dryRun: true }],
    ]);
    for (const [path, operations] of paths) {
      for (const method of Object.keys(Object(operations))) {
        const asked = path.replace('{name}', 'api');
        check(method, path, await ask(served, method === 'get' ? 'GET' : 'POST', asked, bodies.get(path)));
      }
    }
    expect(checked).toHaveLength(17);
    expect(served.faults).toEqual([]);
  });
});

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => (isRecord(part) ? part[key] : undefined), value);
}
