import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NotExportableError } from '../../src/export/deployed-sidecar.js';
import { exportKubernetes } from '../../src/export/kubernetes.js';
import { resolveConfig, type SidecarConfig } from '../../src/index.js';

type Liveness = NonNullable<NonNullable<SidecarConfig['healthCheck']>['liveness']>;

function exported(config: SidecarConfig) {
  const options = { image: 'me/api:1', appImage: 'me/app:1', isDeployment: false };
  const { text, notes } = exportKubernetes(resolveConfig(config), options);
  const { spec } = parse(text);
  return { text, spec, sidecar: spec.initContainers[0], noted: notes.map(({ setting }) => setting) };
}

describe('a Pod', () => {
  it('has the sidecar as a native one, with its three probes', () => {
    const { spec, sidecar } = exported({
      name: 'My.API',
      http: { port: 9000 },
      process: { command: './api', args: ['--port', '{port}'], stopTimeout: 4500 },
      healthCheck: {
        path: '/live',
        interval: 10_000,
        timeout: 2000,
        startupTimeout: 60_000,
        readiness: { type: 'tcp', failureThreshold: 2 },
      },
      resources: { maxMemoryMB: 256, maxCPUPercent: 150 },
    });
    expect(spec.terminationGracePeriodSeconds).toBe(5);
    expect(sidecar).toMatchObject({
      name: 'my-api',
      restartPolicy: 'Always',
      command: ['./api', '--port', '9000'],
      startupProbe: { httpGet: { path: '/live', port: 9000 }, periodSeconds: 1, failureThreshold: 60 },
      livenessProbe: { httpGet: { path: '/live', port: 9000 }, periodSeconds: 10, failureThreshold: 3 },
      readinessProbe: { tcpSocket: { port: 9000 }, periodSeconds: 5, failureThreshold: 2 },
      resources: { limits: { memory: '256Mi', cpu: '1500m' } },
    });
    expect(spec.containers[0]).toMatchObject({
      image: 'me/app:1',
      env: [{ name: 'SIDECAR_URL', value: 'http://127.0.0.1:9000' }],
    });
  });

  it('shares a folder for a Unix socket, and says that no probe asks there', () => {
    const { spec, sidecar, noted } = exported({
      transport: 'ipc',
      ipc: { socketPath: '/run/api/api.sock' },
      process: { command: 'api' },
    });
    const mount = { name: 'socket', mountPath: '/run/api' };
    expect([sidecar.volumeMounts, spec.containers[0].volumeMounts]).toEqual([[mount], [mount]]);
    expect(spec.volumes).toEqual([{ name: 'socket', emptyDir: {} }]);
    expect(noted).toEqual(
      expect.arrayContaining(['healthCheck.startup', 'healthCheck.liveness', 'ipc.permissions']),
    );
    expect(sidecar.livenessProbe).toBeUndefined();
  });

  it('names secrets and never writes one down', () => {
    const { text, sidecar } = exported({
      process: { command: 'api', env: { API_TOKEN: 'hunter2', PLAIN: 'yes' } },
    });
    expect(text).not.toContain('hunter2');
    expect(sidecar.env).toContainEqual({ name: 'PLAIN', value: 'yes' });
    expect(sidecar.env).toContainEqual({
      name: 'API_TOKEN',
      valueFrom: { secretKeyRef: { name: 'sidecar-env', key: 'API_TOKEN' } },
    });
    expect(text).toContain('API_TOKEN: read from the Secret "sidecar-env"');
  });

  it.each<[string, Liveness]>([
    ['a log line', { type: 'log', pattern: 'up' }],
    ['several at once', { type: 'all', checks: [{ type: 'tcp' }] }],
    ['a body', { type: 'http', body: 'ok' }],
  ])('says that a probe can not ask for %s', (_, liveness) => {
    const { sidecar, noted } = exported({ process: { command: 'api' }, healthCheck: { liveness } });
    expect(sidecar.livenessProbe).toBeUndefined();
    expect(noted).toContain('healthCheck.liveness');
  });

  it('can not be made of a shared library', () => {
    const library = { transport: 'direct', process: { command: './lib.so' } } as const;
    expect(() => exported(library)).toThrow(NotExportableError);
  });
});
