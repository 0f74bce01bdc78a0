import { describe, expect, it } from 'vitest';
import { explainTransition } from '../../src/index.js';
import { isAlive } from '../support/processes.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

describe('the end of a process', () => {
  it('is SIGKILL after the grace period when it ignores SIGTERM', async () => {
    const watched = await watch(serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 300 } })).run();
    await watched.stopsCleanly();
    expect(watched.states().slice(-3)).toEqual(['stopping.terminating', 'stopping.killing', 'stopped']);
    const [killing, stopped] = watched.sidecar.history().slice(-2);
    expect(killing && explainTransition(killing)).toMatch(/did not end within the grace period of/);
    expect(stopped?.cause).toMatchObject({ type: 'exited', exit: { signal: 'SIGKILL' } });
  });

  it('is never SIGKILL when it shuts down within the grace period', async () => {
    const watched = await watch(serverConfig({ termDelay: 800 })).run();
    await watched.stopsCleanly();
    expect(watched.states().slice(-2)).toEqual(['stopping.terminating', 'stopped']);
    expect(watched.sidecar.history().at(-1)?.cause).toMatchObject({ type: 'exited', exit: { code: 0 } });
    await watched.printed('shutting down');
  });

  it('reaches a process that is stopped (SIGSTOP)', async () => {
    const watched = await watch(serverConfig({ termDelay: 50 })).run();
    process.kill(watched.pid, 'SIGSTOP');
    await watched.stopsCleanly();
    expect(watched.sidecar.history().at(-1)?.cause).toMatchObject({ type: 'exited', exit: { code: 0 } });
  });

  it('uses the configured signal', async () => {
    const watched = await watch(serverConfig({}, { process: { stopSignal: 'SIGQUIT' } })).run();
    await watched.stopsCleanly();
    expect(watched.sidecar.history().at(-1)?.cause).toMatchObject({ exit: { signal: 'SIGQUIT' } });
  });

  it('sends one SIGTERM only, however often STOP is sent', async () => {
    const script = `process.on('SIGTERM', () => { console.log('asked'); setTimeout(() => process.exit(0), 400); });
      require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT, process.env.HOST);`;
    const watched = await watch(serverConfig({}, { process: { args: ['-e', script] } })).run();
    watched.sidecar.actor.send({ type: 'RESTART' });
    watched.sidecar.actor.send({ type: 'STOP' });
    watched.sidecar.actor.send({ type: 'STOP' });
    await watched.next('stopped');
    watched.leavesNothing();
    expect(watched.lines()).toEqual(['asked']);
  });

  it('lets a restart wait for the old process', async () => {
    const watched = await watch(serverConfig({ termDelay: 300 })).run();
    const old = watched.pid;
    let wasAlive = true;
    watched.sidecar.on('transition', ({ record }) => {
      if (record.to === 'spawning') wasAlive = isAlive(old);
    });
    await watched.sidecar.restart();
    expect(wasAlive).toBe(false);
    expect(watched.pid).not.toBe(old);
    await watched.stopsCleanly();
  });
});
