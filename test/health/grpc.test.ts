import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createGrpcCheck } from '../../src/health/grpc.js';
import { checkedProcess } from '../support/checked-process.js';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const SERVER = fileURLToPath(new URL('../fixtures/grpc-server.mjs', import.meta.url));

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');
if (!hasIPv6) console.log('Skipped here: a server on ::1, because this machine has none.');

type Sections = NonNullable<Parameters<typeof serverConfig>[1]>;

function grpcConfig(args: readonly string[] = [], sections: Sections = {}) {
  const { healthCheck, process: processSection, ...others } = sections;
  return serverConfig(
    {},
    {
      ...others,
      process: { args: [SERVER, ...args], ...processSection },
      healthCheck: { liveness: { type: 'grpc' }, failureThreshold: 1, ...healthCheck },
    },
  );
}

describe('the gRPC health check', () => {
  it('follows what the server says of itself', async () => {
    const watched = await watch(grpcConfig()).run();
    const { report } = await watched.next('health-checked');
    expect(report.check).toBe(`grpc.health.v1.Health/Check at dns:${watched.origin.replace('http://', '')}`);
    process.kill(watched.pid, 'SIGUSR2');
    const { cause } = await watched.next('unhealthy');
    expect(cause).toMatchObject({ report: { error: 'it answered with NOT_SERVING' } });
    process.kill(watched.pid, 'SIGUSR2');
    await watched.next('recovered');
    await watched.stopsCleanly();
  });

  it('works over a Unix socket, which is given its mode', async () => {
    const socketPath = join(await tempFolder(), 'a.sock');
    const watched = await watch(grpcConfig([], { transport: 'ipc', ipc: { socketPath } })).run();
    const { report } = await watched.next('health-checked');
    expect(report.check).toBe(`grpc.health.v1.Health/Check at unix:${socketPath}`);
    await watched.stopsCleanly();
  });

  it('may ask for a service by its name, also a long one', async () => {
    const service = `greeter.${'x'.repeat(300)}`;
    const watched = await watch(
      grpcConfig([`--service=${service}`], { healthCheck: { liveness: { type: 'grpc', service } } }),
    ).run();
    await watched.stopsCleanly();
  });

  it.each(['127.0.0.1', ...(hasIPv6 ? ['::1'] : [])])('of localhost finds a server on %s', async (HOST) => {
    const watched = await watch(
      grpcConfig([], { http: { host: 'localhost' }, process: { args: [SERVER], env: { HOST } } }),
    ).run();
    await watched.stopsCleanly();
  });

  it('is not led astray by a proxy of the environment', async () => {
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      const watched = await watch(grpcConfig()).run();
      await watched.stopsCleanly();
    } finally {
      delete process.env['http_proxy'];
    }
  });

  it.each([
    [['--noHealth'], {}, 'it does not implement grpc.health.v1.Health'],
    [[], { service: 'other' }, 'it knows no service other'],
    [['--hang'], {}, 'no answer within 500 ms'],
    [['--listenAfter=300000'], {}, /^UNAVAILABLE: .*ECONNREFUSED/],
  ])('says why a server with %j asked for %j does not pass', async (args, asked, error) => {
    const watched = watch(
      grpcConfig(args, { healthCheck: { liveness: { type: 'grpc', ...asked }, timeout: 500 } }),
    ).start();
    await watched.next(
      'health-checked',
      ({ report }) =>
        !report.passed && (typeof error === 'string' ? report.error === error : error.test(report.error)),
    );
    expect(watched.all('healthy')).toEqual([]);
    await watched.stopsCleanly();
  });

  it('is a check of another incarnation, too', async () => {
    const watched = await watch(grpcConfig()).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy', ({ generation }) => generation === 2);
    await watched.stopsCleanly();
  });

  it('says how to get the package when it is missing', async () => {
    const missing: string = '@grpc/no-such-package';
    const check = createGrpcCheck(
      { type: 'grpc', service: '' },
      checkedProcess({ transport: 'http', host: '127.0.0.1', port: 1 }),
      () => import(/* @vite-ignore */ missing),
    );
    await expect(check).rejects.toThrow(
      'the grpc check needs the package @grpc/grpc-js: npm install @grpc/grpc-js',
    );
  });
});
