import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exportCompose } from '../../src/export/compose.js';
import { resolveConfig, type SidecarConfig } from '../../src/index.js';

function exported(config: SidecarConfig) {
  const { text, notes } = exportCompose(resolveConfig(config), 'me/api:1');
  return { text, service: parse(text).services[config.name ?? 'sidecar'], notes };
}

describe('a service', () => {
  it('is checked by a command in its container', () => {
    const { service } = exported({
      name: 'api',
      http: { port: 9000 },
      process: { command: 'api', args: ['{host}:{port}'], maxRestarts: 3 },
      healthCheck: { path: '/live', interval: 7000 },
    });
    expect(service).toMatchObject({
      image: 'me/api:1',
      init: true,
      command: ['api', '0.0.0.0:9000'],
      restart: 'on-failure:3',
      healthcheck: {
        test: ['CMD', 'curl', '-fsS', '-o', '/dev/null', 'http://127.0.0.1:9000/live'],
        interval: '7000ms',
        retries: 3,
      },
    });
  });

  it('has no dollar sign that Compose would read, and no secret', () => {
    const { text, service } = exported({
      process: { command: 'sh', args: ['-c', 'echo $HOME'], env: { API_KEY: 'hunter2', PRICE: '5 $' } },
    });
    expect(service.command).toEqual(['sh', '-c', 'echo $$HOME']);
    expect(service.environment).toMatchObject({
      PRICE: '5 $$',
      API_KEY: expect.stringMatching(/^\$\{API_KEY:\?/),
    });
    expect(text).not.toContain('hunter2');
  });

  it('says when no command can check it', () => {
    const { service, notes } = exported({
      process: { command: 'api' },
      healthCheck: { liveness: { type: 'log', pattern: 'up' } },
    });
    expect(service.healthcheck).toBeUndefined();
    expect(notes).toContainEqual(expect.objectContaining({ setting: 'healthCheck' }));
  });
});
