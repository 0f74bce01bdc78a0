import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSidecar, type SidecarConfig, type SidecarLogger } from '../../src/index.js';
import { compilerConfig } from '../support/compile-config.js';
import { rejection } from '../support/outcome.js';
import { serverConfig } from '../support/server-config.js';
import { within } from '../support/within.js';

type Line = Record<string, unknown> & { msg: string; level: number };
const [INFO, WARN, ERROR] = [30, 40, 50];

/** A sidecar that logs with pino, and the lines. */
function logged(config: SidecarConfig) {
  const lines: Line[] = [];
  const logger = pino({ level: 'debug', base: null }, { write: (text) => void lines.push(JSON.parse(text)) });
  const sidecar = createSidecar(config, { logger });
  onTestFinished(() => sidecar[Symbol.asyncDispose]());
  return { sidecar, lines, found: (pattern: RegExp) => lines.filter(({ msg }) => pattern.test(msg)) };
}

/** A program that prints these lines and then waits. */
function printing(lines: readonly string[], sections: Partial<SidecarConfig> = {}): SidecarConfig {
  const code = `console.error('to stderr'); for (const line of ${JSON.stringify(lines)}) console.log(line); console.log('that is all'); setInterval(() => {}, 1000)`;
  const check = { liveness: { type: 'log' as const, pattern: 'that is all' } };
  return { process: { command: process.execPath, args: ['-e', code] }, healthCheck: check, ...sections };
}

describe('a logger', () => {
  it('is told of each transition, with its reason', async () => {
    const { sidecar, lines } = logged(serverConfig({}, { name: 'api' }));
    await sidecar.start();
    const { pid } = sidecar.status();
    const transitions = lines.filter(({ to }) => to !== undefined);
    expect(transitions.map(({ to }) => to)).toEqual(['compiling', 'spawning', 'waitingHealthy', 'running']);
    expect(transitions.at(-1)).toMatchObject({
      level: INFO,
      sidecar: 'api',
      from: 'waitingHealthy',
      pid,
      generation: 1,
      msg: expect.stringMatching(/^running: GET http:.*\/health passed in /),
    });
    await sidecar.stop();
    expect(lines.at(-1)).toMatchObject({ level: INFO, to: 'stopped', msg: 'stopped: as requested' });
    expect(lines.filter(({ level }) => level > INFO)).toEqual([]);
  });

  it('is told of trouble as warnings, and of the end of all tries as an error', async () => {
    const { sidecar, found, lines } = logged(
      serverConfig({ exitAfter: 0, exitCode: 7, neverListen: true }, { process: { maxRestarts: 1 } }),
    );
    await rejection(sidecar.start());
    expect(found(/^restarting\.backingOff: restart 1 of 1 .*exited with code 7/)[0]?.level).toBe(WARN);
    expect(found(/^process \d+ ended unexpectedly/)[0]).toMatchObject({ level: WARN, code: 7 });
    expect(found(/^stopped: the restart budget is used up/)[0]?.level).toBe(ERROR);
    expect(lines.filter(({ level }) => level >= ERROR)).toHaveLength(1);
  });

  it('is told once of a compilation that fails', async () => {
    const { sidecar, lines } = logged(compilerConfig(['--exitCode=3']));
    await rejection(sidecar.start());
    const errors = lines.filter(({ level }) => level >= ERROR);
    expect(errors.map(({ msg }) => msg)).toEqual([expect.stringMatching(/^stopped: the compilation failed/)]);
  });

  it('gets the lines of the sidecar, with their own level where they are JSON', async () => {
    const { sidecar, found } = logged(
      printing([
        'plain',
        '{"level":"warn","msg":"slow query","ms":512,"db":{"name":"x"}}',
        '{"level":20,"msg":"d"}',
      ]),
    );
    await sidecar.start();
    const { pid } = sidecar.status();
    const origin = { source: 'process', stream: 'stdout', pid, generation: 1 };
    expect(found(/^plain$/)).toMatchObject([{ ...origin, level: INFO }]);
    // The other pipe may be read later.
    await expect
      .poll(() => found(/^to stderr$/))
      .toMatchObject([{ ...origin, stream: 'stderr', level: INFO }]);
    expect(found(/^slow query$/)).toMatchObject([
      { ...origin, level: WARN, fields: { ms: 512, db: { name: 'x' } } },
    ]);
    expect(found(/^d$/)).toMatchObject([{ level: 20, fields: {} }]);
  });

  it('never sees a secret', async () => {
    const lines = [
      'start with hunter2',
      'API_KEY=abcdef',
      '{"msg":"m hunter2","token":"ghi","n":{"password":"jkl"}}',
    ];
    const { process: program, ...others } = printing(lines);
    const { sidecar, lines: all } = logged({
      ...others,
      process: { ...program, env: { DB_PASSWORD: 'hunter2' } },
    });
    await sidecar.start();
    await sidecar.stop();
    expect(JSON.stringify(all)).not.toMatch(/hunter2|abcdef|ghi|jkl/);
    expect(all.find(({ msg }) => msg.startsWith('m '))).toMatchObject({
      msg: 'm [redacted]',
      fields: { token: '[redacted]', n: { password: '[redacted]' } },
    });
  });

  it('may be one without child, such as the console', async () => {
    const lines: [object, string][] = [];
    const log = (fields: object, message: string) => void lines.push([fields, message]);
    const logger: SidecarLogger = { debug: log, info: log, warn: log, error: log };
    const sidecar = createSidecar(serverConfig({}, { name: 'plain' }), { logger });
    onTestFinished(() => sidecar[Symbol.asyncDispose]());
    await within(sidecar.start(), () => 'running');
    expect(lines[0]?.[0]).toMatchObject({ sidecar: 'plain', to: 'compiling' });
    const takesConsole: SidecarLogger = console;
    expect(takesConsole.child).toBeUndefined();
  });
});
