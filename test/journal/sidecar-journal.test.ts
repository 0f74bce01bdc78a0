import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import {
  type EventEntry,
  type Journal,
  readJournal,
  replay,
  type SidecarConfig,
  type TransitionRecord,
} from '../../src/index.js';
import { HostProcess } from '../host/host-process.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';

const journalIn = (folder: string) => join(folder, 'journal.jsonl');

function transitionsOf({ entries }: Journal): TransitionRecord[] {
  return entries.flatMap((entry) =>
    entry.type === 'session' || entry.type === 'event' ? (entry.transitions ?? []) : [],
  );
}

const eventsOf = ({ entries }: Journal) =>
  entries.filter((entry): entry is EventEntry => entry.type === 'event');

describe('the journal of a sidecar', () => {
  it('tells each transition as the history does, only to its owner, and replays', async () => {
    const stateDirectory = join(await tempFolder(), 'state');
    const watched = await watch(serverConfig({}, { stateDirectory })).run();
    process.kill(watched.pid, 'SIGKILL');
    await watched.next('healthy');
    await watched.stopsCleanly();
    const history = watched.sidecar.history();
    await watched.sidecar[Symbol.asyncDispose]();

    const journal = await readJournal(journalIn(stateDirectory));
    expect(transitionsOf(journal)).toEqual(JSON.parse(JSON.stringify(history)));
    expect(journal.entries.at(0)).toMatchObject({
      type: 'session',
      version: 1,
      n: 1,
      host: { pid: process.pid },
    });
    expect(journal.entries.at(-1)).toMatchObject({ type: 'end' });
    expect(replay(journal)).toMatchObject({ difference: null, sessions: 1, transitions: history.length });
    expect(statSync(journalIn(stateDirectory)).mode & 0o777).toBe(0o600);
    expect(statSync(stateDirectory).mode & 0o777).toBe(0o700);
  });

  it('goes on in the next session', async () => {
    const stateDirectory = await tempFolder();
    for (let session = 0; session < 2; session += 1) {
      const watched = await watch(serverConfig({}, { stateDirectory })).run();
      await watched.sidecar[Symbol.asyncDispose]();
    }
    expect(replay(await readJournal(journalIn(stateDirectory)))).toMatchObject({
      difference: null,
      sessions: 2,
    });
  });

  it('tells what comes again and again in one entry', async () => {
    const stateDirectory = await tempFolder();
    const watched = await watch(
      serverConfig({}, { stateDirectory, healthCheck: { interval: 20, retryInterval: 20 } }),
    ).run();
    while (watched.all('health-checked').filter(({ report }) => report.passed).length < 15) {
      await watched.next('health-checked');
    }
    await watched.sidecar[Symbol.asyncDispose]();
    const journal = await readJournal(journalIn(stateDirectory));
    const drawn = eventsOf(journal).filter(
      ({ event, count }) => event.type === 'health.checked' && count !== undefined,
    );
    expect(drawn).toHaveLength(1);
    expect(drawn[0]?.count).toBeGreaterThan(10);
    expect(drawn[0]?.since).toBeLessThan(drawn[0]?.time ?? 0);
    expect(replay(journal).difference).toBeNull();
  });

  it('is without secrets', async () => {
    const stateDirectory = await tempFolder();
    const script = 'echo "connecting to postgres://admin:hunter22@db with $API_KEY"; exit 3';
    const config = shellConfig(script, {
      stateDirectory,
      process: { env: { API_KEY: 'k-1234567890' }, maxRestarts: 0 },
    });
    await watch(config).start().entered('stopped');
    await expect.poll(() => readText(stateDirectory)).toContain('restarts-exhausted');
    const text = await readText(stateDirectory);
    expect(text).toContain('connecting to');
    expect(text).toContain('[redacted]');
    expect(text).not.toMatch(/hunter22|k-1234567890/);
  });

  it.each<[string, Partial<SidecarConfig>]>([
    ['without a state directory', { stateDirectory: null }],
    ['when it is off', { journal: false }],
  ])('is not written %s', async (_, sections) => {
    const stateDirectory = await tempFolder();
    const watched = await watch(serverConfig({}, { stateDirectory, ...sections })).run();
    await watched.sidecar[Symbol.asyncDispose]();
    expect(readdirSync(stateDirectory)).not.toContain('journal.jsonl');
  });

  it.runIf(process.platform === 'linux')(
    'does not harm anything when the disk is full, and says so once',
    async () => {
      const stateDirectory = await tempFolder();
      symlinkSync('/dev/full', journalIn(stateDirectory));
      const watched = watch(serverConfig({}, { stateDirectory })).start();
      const isOurs = ({ message }: { message: string }) => message.includes('journal');
      const { message } = await watched.next('warning', isOurs);
      expect(message).toMatch(/^the journal .*journal\.jsonl can't be written: ENOSPC/);
      await watched.sidecar.start();
      process.kill(watched.pid, 'SIGKILL');
      await watched.next('healthy', ({ generation }) => generation === 2);
      await watched.stopsCleanly();
      expect(watched.all('warning').filter(isOurs)).toHaveLength(1);
    },
  );

  it('does not harm anything when its file can’t be made', async () => {
    const stateDirectory = await tempFolder();
    mkdirSync(journalIn(stateDirectory));
    const watched = watch(serverConfig({}, { stateDirectory })).start();
    await watched.next('warning', ({ message }) => message.includes('EISDIR'));
    await watched.sidecar.start();
    await watched.stopsCleanly();
  });

  it('has the last entries when the host exits at once', async () => {
    const stateDirectory = await tempFolder();
    const host = new HostProcess({ config: serverConfig({}, { stateDirectory }), does: 'exit' });
    await host.ended();
    const journal = await readJournal(journalIn(stateDirectory));
    expect(transitionsOf(journal).at(-1)?.to).toBe('running');
    expect(replay(journal)).toMatchObject({ difference: null, sessions: 1 });
  });

  it('can be read when the host was killed in the middle of a line', async () => {
    const stateDirectory = await tempFolder();
    const host = new HostProcess({ config: serverConfig({}, { stateDirectory }), does: 'stay' });
    await host.printed('ready');
    await expect.poll(() => readText(stateDirectory)).toContain('"to":"running"');
    host.signal('SIGKILL');
    await host.exit;
    await appendFile(journalIn(stateDirectory), '{"type":"event","session":"');
    const journal = await readJournal(journalIn(stateDirectory));
    expect(journal.unreadable).toBe(1);
    expect(replay(journal)).toMatchObject({ difference: null, sessions: 1 });
  });

  it('of a newer version is refused, and one that is not there is an error', async () => {
    const path = journalIn(await tempFolder());
    await expect(readJournal(path)).rejects.toThrow('ENOENT');
    writeFileSync(path, '{"type":"session","version":2,"session":"a","n":1,"time":0}\n');
    await expect(readJournal(path)).rejects.toThrow('version 2; this package reads up to 1');
  });
});

describe('the test run', () => {
  it('demands the journal of every watched sidecar', async () => {
    const watched = await watch(serverConfig()).run();
    const { stateDirectory } = watched.sidecar.config;
    expect(stateDirectory).toContain(inject('runtimeFolder'));
    const expected = await readFile(join(inject('runtimeFolder'), 'expected-journals'), 'utf8');
    expect(expected.split('\n')).toContain(stateDirectory);
  });
});

function readText(stateDirectory: string): Promise<string> {
  return readFile(journalIn(stateDirectory), 'utf8').catch(() => '');
}
