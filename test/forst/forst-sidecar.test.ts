import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ForstConfig, ForstInvokeError, ForstSidecar, type SidecarEmitted } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { tempFolder } from '../support/temp-folder.js';
import { within } from '../support/within.js';

const FORST = fileURLToPath(new URL('../fixtures/forst-stand-in.mjs', import.meta.url));

const quick = { restartDelay: 20, stopTimeout: 15_000 };

interface Watched {
  readonly sidecar: ForstSidecar;
  readonly events: SidecarEmitted[];
}

async function forst(config: ForstConfig): Promise<Watched> {
  const sidecar = new ForstSidecar(config);
  onTestFinished(() => sidecar[Symbol.asyncDispose]());
  const events: SidecarEmitted[] = [];
  sidecar.on('*', (event) => events.push(event));
  await within(sidecar.start(), () => `running: ${inspect(events.slice(-5), { depth: 4 })}`);
  return { sidecar, events };
}

/** A project that the stand-in for the compiler builds. */
async function built(sections: Partial<ForstConfig> = {}): Promise<Watched> {
  const root = await tempFolder();
  await writeFile(join(root, 'main.ft'), 'package main\n');
  return forst({ process: quick, ...sections, form: 'build', root, compile: { command: FORST } });
}

/** The same, recompiled by the stand-in itself. */
async function developed(): Promise<Watched> {
  const root = await tempFolder();
  return forst({ form: 'dev', root, process: { command: FORST, ...quick } });
}

async function nextHealthy({ sidecar }: Watched, generation: number): Promise<void> {
  if ((sidecar.status().generation ?? 0) >= generation && sidecar.status().state === 'running') return;
  await within(
    new Promise<void>((resolve) =>
      sidecar.on('healthy', (event) => event.generation >= generation && resolve()),
    ),
    () => `generation ${generation}`,
  );
}

describe.each([
  ['build, over its Unix socket', () => built()],
  ['build, over TCP', () => built({ transport: 'http', http: { port: 0 } })],
  ['dev', () => developed()],
])('a Forst sidecar of the form %s', (_form, make) => {
  it('calls functions with a proof, also of the next process', async () => {
    const watched = await make();
    const { sidecar } = watched;
    const greeting = await sidecar.invoke('main', 'Greet', ['Ada']);
    expect(greeting).toMatchObject({ greeting: 'Hello, Ada!' });
    const { pid, generation } = sidecar.status();
    if (pid !== null) process.kill(-pid, 'SIGKILL');
    await nextHealthy(watched, generation + 1);
    expect(await sidecar.invoke('main', 'Greet', ['Bo'])).toMatchObject({ greeting: 'Hello, Bo!' });
    expect(sidecar.status().generation).toBe(generation + 1);
  });

  it('tells its functions and its version', async () => {
    const { sidecar } = await make();
    expect(await sidecar.functions()).toEqual([{ package: 'main', name: 'Greet' }]);
    expect(await sidecar.version()).toMatchObject({ version: '0.0.0-stand-in' });
  });
});

describe('a call of a Forst function', () => {
  it('that fails says so in the words of Forst', async () => {
    const { sidecar } = await built();
    const error = await rejection(sidecar.invoke('main', 'Fail'));
    expect(error).toBeInstanceOf(ForstInvokeError);
    expect(error).toMatchObject({
      package: 'main',
      function: 'Fail',
      forstError: 'it failed as it should',
      status: 500,
    });
    expect(await rejection(sidecar.invoke('main', 'Nothing'))).toMatchObject({ status: 404 });
  });

  it('is made again when the nonce had expired, and while the server reloads', async () => {
    const { sidecar } = await built();
    await sidecar.invoke('main', 'Expire');
    expect(await sidecar.invoke('main', 'Greet', ['Ada'])).toMatchObject({ greeting: 'Hello, Ada!' });
    await sidecar.invoke('main', 'Reload');
    expect(await sidecar.invoke('main', 'Greet', ['Bo'])).toMatchObject({ greeting: 'Hello, Bo!' });
  });

  it('needs no proof where authentication is off', async () => {
    const { sidecar } = await built({ process: { ...quick, env: { FORST_INVOKE_AUTH: 'off' } } });
    expect(await sidecar.invoke('main', 'Greet', ['Ada'])).toMatchObject({ greeting: 'Hello, Ada!' });
  });

  it('streams values, as they are taken, and ends with the loop', async () => {
    const { sidecar, events } = await built();
    const counted: unknown[] = [];
    for await (const value of sidecar.invokeStream('main', 'Count', [3])) counted.push(value);
    expect(counted).toEqual([1, 2, 3]);
    for await (const value of sidecar.invokeStream('main', 'Endless')) {
      expect(value).toHaveLength(1000);
      break;
    }
    const isGivenUp = () =>
      events.some((event) => event.type === 'output' && event.line.includes('given up'));
    await within(
      new Promise<void>((resolve) => {
        const look = () => void (isGivenUp() ? resolve() : setTimeout(look, 10));
        look();
      }),
      () => 'the end of the stream',
    );
    expect(sidecar.status().client.inFlight).toBe(0);
  });

  it('that streams fails when the process dies', async () => {
    const { sidecar } = await built();
    const reading = (async () => {
      for await (const _value of sidecar.invokeStream('main', 'Endless')) {
        const { pid } = sidecar.status();
        if (pid !== null) process.kill(-pid, 'SIGKILL');
      }
    })();
    expect(await rejection(reading)).toMatchObject({ name: 'SidecarDiedError', exit: { signal: 'SIGKILL' } });
  });

  it('can be given up', async () => {
    const { sidecar } = await built();
    const error = await rejection(sidecar.invoke('main', 'Greet', ['Ada'], { signal: AbortSignal.abort() }));
    expect(error.name).toBe('AbortError');
  });
});

describe('the token', () => {
  it('is in no event, status, history, snapshot or error', async () => {
    const { sidecar, events } = await built();
    await sidecar.invoke('main', 'Greet', ['Ada']);
    const { context } = sidecar.actor.getSnapshot();
    const line = context.process?.handoff?.reveal() ?? '';
    const { token }: { token: string } = JSON.parse(line);
    expect(token).toHaveLength(43);
    const failed = await rejection(sidecar.invoke('main', 'Fail'));
    const deep = { depth: 20, showHidden: true } as const;
    const shown = [
      ...[events, sidecar.status(), sidecar.history(), context].flatMap((each) => [
        JSON.stringify(each),
        inspect(each, deep),
      ]),
      JSON.stringify(sidecar.actor.getPersistedSnapshot()),
      inspect(failed, deep),
      String(context.process?.handoff),
    ];
    expect(shown.filter((text) => text.includes(token))).toEqual([]);
    expect(inspect(context, deep)).toContain('[handed over]');
  });
});
