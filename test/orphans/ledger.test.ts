import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ledger } from '../../src/orphans/ledger.js';
import { type LedgerHost, readLedgerEntry } from '../../src/orphans/ledger-entry.js';
import { identify, startTimeOf } from '../../src/os/process-identity.js';
import { StateDirectory } from '../../src/state/state-directory.js';
import { rejection } from '../support/outcome.js';
import { canListProcesses, isAlive } from '../support/processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually, within } from '../support/within.js';

async function place() {
  const path = join(await tempFolder(), 'api');
  const warnings: string[] = [];
  const open = (takeover = false) => {
    let tell: (by: LedgerHost | null) => void = () => {};
    const taken = new Promise<LedgerHost | null>((resolve) => {
      tell = resolve;
    });
    const warn = (message: string) => void warnings.push(message);
    const ledger = new Ledger(new StateDirectory(path), { takeover, warn, onTaken: (by) => tell(by) });
    return Object.assign(ledger, { taken });
  };
  return { path, warnings, open };
}

/** A page of a program that is not there any more. */
async function writtenByTheDead(path: string, page: number, sidecar: object | null = null) {
  const directory = new StateDirectory(path);
  const host = { pid: 2 ** 22 + 1, startTime: '1', bootId: 'earlier', command: 'node dead.js' };
  await directory.write(`ledger.${page}.jsonl`, JSON.stringify({ version: 1, host, sidecar }));
}

describe.runIf(process.platform !== 'win32')('the ledger', () => {
  it('gives a sidecar to the first who comes, and to the next once that one has given it up', async () => {
    const { path, open } = await place();
    const [first, second] = [open(), open()];
    expect(await first.claim()).toMatchObject({ type: 'ours', left: null, from: null });
    expect(await first.claim()).toMatchObject({ type: 'ours' });
    expect(await second.claim()).toMatchObject({ type: 'held', by: { pid: process.pid } });
    first.release();
    expect(await second.claim()).toMatchObject({ type: 'ours', left: null, from: null });
    expect(await first.claim()).toMatchObject({ type: 'held' });
    second.release();
    expect(await first.claim()).toMatchObject({ type: 'ours' });
    expect(await readdir(path)).toEqual(['ledger.3.jsonl']);
  });

  it('gives it to exactly one of many who come at once, also when the one before has died', async () => {
    const { path, open } = await place();
    for (const round of [1, 2, 3]) {
      await writtenByTheDead(path, round * 100);
      const claims = await Promise.all(Array.from({ length: 30 }, () => open().claim()));
      expect(claims.filter(({ type }) => type === 'ours')).toHaveLength(1);
      expect(claims.filter(({ type }) => type === 'held')).toHaveLength(29);
    }
  });

  it('tells what the one before has left', async () => {
    const { path, open } = await place();
    const identity = await identify(process.pid);
    await writtenByTheDead(path, 1, { ...identity, command: './api', mark: 'mark', generation: 7 });
    expect(await open().claim()).toMatchObject({ left: { pid: process.pid, mark: 'mark', generation: 7 } });
  });

  it('takes a program for dead whose pid another has by now, or that ran before the last boot', async () => {
    const { path, open } = await place();
    const identity = await identify(process.pid);
    const others = [
      { ...identity, startTime: '1' },
      { ...identity, bootId: 'another' },
    ];
    for (const [index, other] of others.entries()) {
      const host = { ...other, command: 'node' };
      const text = JSON.stringify({ version: 1, host, sidecar: null });
      await new StateDirectory(path).write(`ledger.${(index + 1) * 10}.json`, text);
      const ledger = open();
      expect(await ledger.claim()).toMatchObject({ type: 'ours', from: null });
      ledger.release();
    }
  });

  it.runIf(canListProcesses)(
    'takes a program for dead that has ended, though its parent does not ask',
    async () => {
      const { path, open } = await place();
      // It ends once its parent is a program that does not wait for it: the shell would.
      const script = 'until grep -q sleep /proc/$$/comm; do :; done & echo $!; exec sleep 300';
      const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
      onTestFinished(() => void parent.kill('SIGKILL'));
      const pid = Number(String(await once(parent.stdout, 'data')));
      await eventually(() => startTimeOf(pid) !== null && !isAlive(pid), 'a zombie');
      const host = { ...(await identify(pid)), command: 'node' };
      await new StateDirectory(path).write(
        'ledger.1.jsonl',
        JSON.stringify({ version: 1, host, sidecar: null }),
      );
      expect(await open().claim()).toMatchObject({ type: 'ours', from: null });
    },
  );

  it('tells the next one, too, when the one who was to end it did not come to that', async () => {
    const { path, open } = await place();
    const sidecar = {
      pid: 4242,
      startTime: '1',
      bootId: null,
      command: './api',
      mark: 'mark',
      generation: 7,
    };
    await writtenByTheDead(path, 1, sidecar);
    await open().claim();
    const page = readLedgerEntry(await readFile(join(path, 'ledger.2.jsonl'), 'utf8'));
    expect(page).toMatchObject({ host: { pid: process.pid }, sidecar });
  });

  it('keeps its page short, however often the process is replaced', async () => {
    const { path, open } = await place();
    const ledger = open();
    await ledger.claim();
    const lengths: number[] = [];
    for (let generation = 1; generation <= 100; generation += 1) {
      await ledger.record({ pid: process.pid, command: './api', mark: 'mark', generation });
      const page = await readFile(join(path, 'ledger.1.jsonl'), 'utf8');
      expect(readLedgerEntry(page)).toMatchObject({ sidecar: { generation } });
      lengths.push(page.trimEnd().split('\n').length);
    }
    expect(Math.max(...lengths)).toBe(32);
    // Seldom anew: to add a line is a tenth of the work.
    expect(lengths.filter((length) => length === 1)).toHaveLength(3);
    ledger.release();
    expect(await open().claim()).toMatchObject({ type: 'ours', left: null });
  });

  it('believes the last whole line, should the last one have been cut off', async () => {
    const { path, open } = await place();
    await writtenByTheDead(path, 1, {
      ...(await identify(process.pid)),
      command: './api',
      mark: 'mark',
      generation: 7,
    });
    await appendFile(join(path, 'ledger.1.jsonl'), '\n{"version":1,"ho');
    expect(await open().claim()).toMatchObject({ type: 'ours', left: { generation: 7 } });
  });

  it('lets it be taken, tells the one who had it, and waits for him to write no more', async () => {
    const { path, open } = await place();
    const [old, thief] = [open(), open(true)];
    await old.claim();
    await old.record({ pid: process.pid, command: './api', mark: 'mark', generation: 1 });
    const claim = await thief.claim();
    expect(claim).toMatchObject({
      type: 'ours',
      page: 1,
      from: { pid: process.pid },
      left: { mark: 'mark' },
    });
    expect(await within(old.taken, () => 'the news')).toMatchObject({ pid: process.pid });
    expect(await old.claim()).toMatchObject({ type: 'lost', by: { pid: process.pid } });
    expect(await thief.lookAt(1)).toMatchObject({ left: { generation: 1 }, isHeld: true });
    old.release();
    expect(await thief.lookAt(1)).toEqual({ left: null, isHeld: false });
    expect(await readdir(path)).toEqual(['ledger.2.jsonl']);
  });

  it.each(['', '{', '[]', '{"version":2}', 'null'])(
    'warns of a page that says %j, and goes on',
    async (text) => {
      const { path, warnings, open } = await place();
      await new StateDirectory(path).write('ledger.4.jsonl', text);
      expect(await open().claim()).toMatchObject({ type: 'ours', left: null });
      expect(warnings).toMatchObject([expect.stringMatching(/ledger\.4\.jsonl can't be understood/)]);
      expect(await readdir(path)).toEqual(['ledger.5.jsonl']);
    },
  );

  it('is begun anew when its files were removed', async () => {
    const { path, open } = await place();
    const ledger = open();
    await ledger.claim();
    await new StateDirectory(path).remove('ledger.1.jsonl');
    expect(await ledger.claim()).toMatchObject({ type: 'ours' });
    expect(await readdir(path)).toEqual(['ledger.1.jsonl']);
  });

  it('rejects when it can’t be written', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    const options = { takeover: false, warn() {}, onTaken() {} };
    const ledger = new Ledger(new StateDirectory(join(folder, 'file', 'api')), options);
    expect(await rejection(ledger.claim())).toMatchObject({ code: 'ENOTDIR' });
    ledger.release();
  });
});
