import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createSidecar } from '../../src/index.js';
import { sidecarMetrics } from '../../src/metrics.js';
import { echoConfig } from '../support/echo-config.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

/** The value of a series in the text that Prometheus reads; null when there is none. */
async function readSeries(registry: Registry, series: string): Promise<number | null> {
  const lines = (await registry.metrics()).split('\n');
  const found = lines.find((line) => line.startsWith(`${series} `));
  return found === undefined ? null : Number(found.slice(series.length + 1));
}

describe('the metrics of a sidecar', () => {
  it('tell of its life', async () => {
    const compile = { command: process.execPath, args: ['-e', ''] };
    const watched = watch(
      echoConfig({
        name: 'echo',
        compile,
        healthCheck: { readiness: { path: '/ready', interval: 50 } },
        resources: { interval: 500, maxMemoryMB: 100, maxCPUPercent: null, maxFileDescriptors: 50 },
      }),
    );
    const { sidecar } = watched;
    const { registry } = sidecarMetrics(sidecar, { labels: { env: 'test' } });
    const value = (name: string, ...labels: string[]) =>
      readSeries(registry, `sidecar_${name}{${['sidecar="echo"', 'env="test"', ...labels].join(',')}}`);
    expect(await value('state', 'state="stopped"')).toBe(1);
    expect(await value('process_start_time_seconds')).toBeNull();

    await watched.run();
    await watched.next('ready');
    expect(await value('state', 'state="running"')).toBe(1);
    expect(await value('state', 'state="stopped"')).toBe(0);
    expect(await value('ready')).toBe(1);
    expect(await value('generation')).toBe(1);
    expect(await value('time_to_ready_seconds_count')).toBe(1);
    expect(await value('compile_duration_seconds_count', 'outcome="compiled"')).toBe(1);
    expect(await value('circuit_state', 'state="closed"')).toBe(1);
    const checked = await value(
      'health_check_duration_seconds_count',
      'probe="readiness"',
      'check="GET /ready"',
    );
    expect(checked).toBeGreaterThan(0);
    const passed = ['probe="startup"', 'check="GET /health"', 'result="pass"'];
    expect(await value('health_checks_total', ...passed)).toBe(1);
    expect(await value('process_uptime_seconds')).toBeGreaterThanOrEqual(0);
    expect(Math.abs(((await value('process_start_time_seconds')) ?? 0) - Date.now() / 1000)).toBeLessThan(
      300,
    );

    await expect.poll(() => value('memory_bytes'), { timeout: 20_000 }).toBeGreaterThan(1_000_000);
    expect(await value('memory_limit_bytes')).toBe(104_857_600);
    expect(await value('cpu_usage_ratio')).toBeGreaterThanOrEqual(0);
    expect(await value('cpu_usage_limit_ratio')).toBeNull();
    expect(await value('open_fds_limit')).toBe(50);
    expect(await value('limit_breaches_total', 'resource="memory"')).toBe(0);

    await (await sidecar.fetch('/status?code=404')).text();
    await (await sidecar.request({ path: '/about' })).body.dump();
    expect(await value('client_requests_total', 'outcome="client_error"')).toBe(1);
    expect(await value('client_requests_total', 'outcome="success"')).toBe(1);
    expect(await value('client_requests_in_flight')).toBe(0);
    expect(await value('client_waits_total')).toBe(0);

    process.kill(watched.pid, 'SIGKILL');
    await watched.next('ready');
    expect(await value('restarts_total', 'cause="crash"')).toBe(1);
    expect(await value('restarts_in_window')).toBe(1);
    expect(await value('backoff_seconds')).toBe(0);
    expect(await value('time_to_ready_seconds_count')).toBe(2);
    await sidecar.restart();
    expect(await value('restarts_total', 'cause="restart-command"')).toBe(1);
    await sidecar.reload();
    expect(await value('restarts_total', 'cause="reload-command"')).toBe(1);
    expect(await value('restarts_total', 'cause="crash"')).toBe(1);
    await watched.stopsCleanly();
    expect(await value('stop_reason', 'reason="requested"')).toBe(1);
    expect(await value('ready')).toBe(0);
  });

  it('tell why it is restarted and for how long it is waited', async () => {
    const watched = watch(
      serverConfig(
        { exitAfter: 0, neverListen: true },
        { process: { maxRestarts: 1, restartDelay: 60_000, maxRestartDelay: 60_000, restartJitter: 0 } },
      ),
    );
    const { registry } = sidecarMetrics(watched.sidecar);
    watched.start();
    await watched.entered('restarting.backingOff');
    expect(await readSeries(registry, 'sidecar_backoff_seconds{sidecar="sidecar"}')).toBe(60);
    const crashes = 'sidecar_restarts_total{sidecar="sidecar",cause="crash"}';
    expect(await readSeries(registry, crashes)).toBe(1);
  });

  it('have few labels, whatever ports the processes have', async () => {
    const watched = await watch(serverConfig({}, { process: { maxRestarts: 10 } })).run();
    const { registry } = sidecarMetrics(watched.sidecar);
    for (let crash = 0; crash < 3; crash += 1) {
      process.kill(watched.pid, 'SIGKILL');
      await watched.next('healthy');
    }
    const text = await registry.metrics();
    const checks = new Set([...text.matchAll(/check="([^"]*)"/g)].map(([, check]) => check));
    expect([...checks]).toEqual(['GET /health']);
  });
});

describe('a registry', () => {
  it('holds many sidecars beside what is in it, and loses those that are given up', async () => {
    const registry = new Registry();
    new Counter({ name: 'mine_total', help: 'Mine.', registers: [registry] });
    const before = await registry.metrics();
    const [one, two, three] = ['one', 'two', 'three'].map((name) =>
      createSidecar(serverConfig({}, { name })),
    );
    if (!one || !two || !three) throw new Error('there are three');
    sidecarMetrics([one, two], { registry });
    const third = sidecarMetrics(three, { registry });
    const names = async () => {
      const text = await registry.metrics();
      return [...text.matchAll(/sidecar_ready\{sidecar="(\w+)"\}/g)].map(([, name]) => name);
    };
    expect(await names()).toEqual(['one', 'two', 'three']);
    await one[Symbol.asyncDispose]();
    expect(await names()).toEqual(['two', 'three']);
    third.dispose();
    third.dispose();
    expect(await names()).toEqual(['two']);
    await two[Symbol.asyncDispose]();
    expect(await registry.metrics()).toBe(before);
  });

  it('loses the histograms of a sidecar, too', async () => {
    const registry = new Registry();
    const watched = watch(echoConfig({ name: 'gone' }));
    sidecarMetrics([watched.sidecar, createSidecar(echoConfig({ name: 'stays' }))], { registry });
    await watched.run();
    expect(await registry.metrics()).toMatch(/time_to_ready_seconds_count\{sidecar="gone"/);
    await watched.sidecar[Symbol.asyncDispose]();
    const after = await registry.metrics();
    expect(after).toContain('"stays"');
    expect(after).not.toContain('"gone"');
  });

  it('takes a sidecar, and a name, once', async () => {
    const registry = new Registry();
    const one = createSidecar(serverConfig({}, { name: 'one' }));
    const metrics = sidecarMetrics(one, { registry });
    const again = 'The sidecar "one" is measured in this registry already.';
    expect(() => sidecarMetrics(one, { registry })).toThrow(again);
    const namesake = createSidecar(serverConfig({}, { name: 'one' }));
    expect(() => sidecarMetrics(namesake, { registry })).toThrow('give each a name of its own');
    const two = createSidecar(serverConfig({}, { name: 'two' }));
    expect(() => sidecarMetrics([two, two], { registry })).toThrow('"two" is measured');
    expect(await registry.metrics()).not.toContain('"two"');
    // Elsewhere, under other names, or once it has left, it may.
    sidecarMetrics(one);
    sidecarMetrics(one, { registry, prefix: 'my_' });
    expect(await registry.metrics()).toContain('my_ready{sidecar="one"} 0');
    metrics.dispose();
    sidecarMetrics(one, { registry });
  });

  it.each([
    ['a prefix', { prefix: 'a-' }, '"a-" can\'t begin the name of a metric'],
    ['a label', { labels: { 'a-b': 'x' } }, '"a-b" can\'t be the name of a label'],
    [
      'a label of the metrics',
      { labels: { cause: 'x' } },
      'The label "cause" is one of the metrics themselves',
    ],
  ])('refuses %s that is wrong', (_, options, message) => {
    expect(() => sidecarMetrics(createSidecar(serverConfig()), options)).toThrow(message);
  });

  it('takes the same names of labels for all', () => {
    const registry = new Registry();
    const [one, two] = ['one', 'two'].map((name) => createSidecar(serverConfig({}, { name })));
    if (!one || !two) throw new Error('there are two');
    sidecarMetrics(one, { registry, labels: { env: 'x' } });
    expect(() => sidecarMetrics(two, { registry })).toThrow('have the labels (env) and not ()');
  });
});
