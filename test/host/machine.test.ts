import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createActor, fromCallback, interpret, waitFor } from 'xstate';
import type { ProcessCommand, ProcessInput } from '../../machines/sidecar.types.js';
import { SidecarConfigError, type SidecarEmitted, sidecarMachine } from '../../src/index.js';
import { pidThatAnswers } from '../sidecar/answers.js';
import { serverConfig } from '../support/server-config.js';
import { PATIENCE } from '../support/within.js';

const timeout = { timeout: PATIENCE };

describe('interpret(sidecarMachine).start()', () => {
  it.skipIf(isOnPath('forst'))(
    'without input runs the Forst preset; without Forst it ends stopped, and says what to do',
    async () => {
      const actor = interpret(sidecarMachine).start();
      const { context } = await waitFor(actor, (snapshot) => snapshot.matches('stopped'), timeout);
      expect(context.reason).toBe('compile-failed');
      expect(context.trouble).toMatchObject({ type: 'compile-failed', failure: { kind: 'not-found' } });
      const message = context.trouble?.type === 'compile-failed' ? context.trouble.failure.message : '';
      expect(message).toContain('"forst" was not found');
      expect(message).toContain('set compile.command');
      actor.stop();
    },
  );

  it('with input runs it; commands are events, and what happens is emitted', async () => {
    const actor = interpret(sidecarMachine, { input: serverConfig() });
    const emitted: SidecarEmitted['type'][] = [];
    actor.on('*', ({ type }) => emitted.push(type));
    actor.start();
    const { context } = await waitFor(actor, (snapshot) => snapshot.matches('running'), timeout);
    const endpoint = context.process?.endpoint;
    const origin = endpoint?.transport === 'http' ? `http://${endpoint.host}:${endpoint.port}` : '';
    expect(await pidThatAnswers(origin)).toBe(context.process?.pid);

    actor.send({ type: 'RESTART' });
    await waitFor(
      actor,
      (snapshot) => snapshot.matches('running') && snapshot.context.generation === 2,
      timeout,
    );
    actor.send({ type: 'STOP' });
    const stopped = await waitFor(actor, (snapshot) => snapshot.matches('stopped'), timeout);
    expect(stopped.context).toMatchObject({ reason: 'requested', process: null });
    expect(emitted.filter((type) => type === 'healthy')).toHaveLength(2);
    expect(emitted.at(-1)).toBe('stopped');
    actor.stop();
  });
});

describe('createActor(sidecarMachine)', () => {
  it('with a wrong configuration tells the observer, and starts nothing', () => {
    const input: unknown = { process: { command: '' }, http: { port: -1 } };
    // What comes from plain JavaScript has no type that the compiler could check.
    const actor = Reflect.apply(createActor<typeof sidecarMachine>, undefined, [sidecarMachine, { input }]);
    const error = vi.fn();
    const emitted = vi.fn();
    actor.subscribe({ error });
    actor.on('*', emitted);
    actor.start();
    expect(error).toHaveBeenCalledOnce();
    const told: unknown = error.mock.calls[0]?.[0];
    expect(told).toBeInstanceOf(SidecarConfigError);
    expect(told).toMatchObject({ problems: [{ path: 'http.port' }, { path: 'process.command' }] });
    expect(emitted).not.toHaveBeenCalled();
    expect(actor.getSnapshot().status).toBe('error');
  });

  it('takes actors of one’s own, with `provide`', async () => {
    const commands: string[] = [];
    const process = fromCallback<ProcessCommand, ProcessInput>(({ receive, sendBack }) => {
      receive((command) => {
        commands.push(command.type);
        if (command.type !== 'process.spawn') return;
        const endpoint = { transport: 'ipc', socketPath: '/nowhere' };
        sendBack({
          type: 'process.spawned',
          generation: command.generation,
          pid: 1,
          endpoint,
          library: null,
        });
      });
    });
    const machine = sidecarMachine.provide({
      actors: { process, health: fromCallback(() => {}), resources: fromCallback(() => {}) },
    });
    const actor = createActor(machine, { input: { process: { command: 'never-run' } } }).start();
    await waitFor(actor, (snapshot) => snapshot.matches('waitingHealthy'), timeout);
    const report = { check: 'mine', latency: 1, checkedAt: 1, passed: true } as const;
    actor.send({ type: 'health.checked', generation: 1, report: { ...report, checks: [report] } });
    expect(actor.getSnapshot().matches('running')).toBe(true);
    actor.send({ type: 'STOP' });
    expect(commands).toEqual(['process.spawn', 'process.terminate']);
    actor.stop();
  });
});

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
