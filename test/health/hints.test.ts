import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HealthReport } from '../../machines/sidecar.types.js';
import type { CheckConfig } from '../../src/config/check-schema.js';
import type { CheckedProcess } from '../../src/health/check.js';
import { Probe } from '../../src/health/probe.js';
import { checkedProcess } from '../support/checked-process.js';
import { tempFolder } from '../support/temp-folder.js';
import { within } from '../support/within.js';

/** A probe that by itself checks once in an hour: whatever it reports, something gave it a hint. */
async function probe(check: CheckConfig, checked: CheckedProcess) {
  const reports: HealthReport[] = [];
  let wake = () => {};
  const probed = new Probe(check, {
    checked,
    timeout: 20_000,
    period: () => 3_600_000,
    report: (report) => {
      reports.push(report);
      wake();
    },
  });
  onTestFinished(() => probed.close());
  const passed = new Promise<void>((resolve) => {
    wake = () => {
      if (reports.at(-1)?.passed) resolve();
    };
  });
  await probed.watch();
  probed.schedule();
  return { reports, passes: () => within(passed, () => `a pass; there were ${JSON.stringify(reports)}`) };
}

describe('a check is made at once, and not when its time has come,', () => {
  it('when a line was printed', async () => {
    const checked = checkedProcess(null);
    const { passes } = await probe({ type: 'log', pattern: 'ready' }, checked);
    checked.notices.add({ type: 'log', pattern: 'ready' });
    await passes();
  });

  it('when READY=1 came', async () => {
    const checked = checkedProcess(null);
    const { passes } = await probe({ type: 'notify' }, checked);
    checked.notices.add({ type: 'ready' });
    await passes();
  });

  it('when a file was written', async () => {
    const cwd = await tempFolder();
    const { passes } = await probe(
      { type: 'file', path: 'ready' },
      checkedProcess(null, { process: { cwd } }),
    );
    await writeFile(join(cwd, 'ready'), '');
    await passes();
  });

  it('when a socket has appeared', async () => {
    const socketPath = join(await tempFolder(), 'a.sock');
    const { passes } = await probe({ type: 'ipc' }, checkedProcess({ transport: 'ipc', socketPath }));
    const server = createServer((socket) => socket.destroy()).listen(socketPath);
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    await passes();
  });

  it('when one of several has something to tell', async () => {
    const cwd = await tempFolder();
    const checked = checkedProcess(null, { process: { cwd } });
    const { reports, passes } = await probe(
      { type: 'all', checks: [{ type: 'notify' }, { type: 'file', path: 'ready' }] },
      checked,
    );
    checked.notices.add({ type: 'ready' });
    await writeFile(join(cwd, 'ready'), '');
    await passes();
    expect(reports.at(-1)?.checks).toMatchObject([{ passed: true }, { passed: true }]);
  });
});

describe('a hint', () => {
  it('that comes while a check is under way, which may have looked too early, leads to another', async () => {
    const checked = checkedProcess(null);
    // The first part is slow, so that the hint comes in the middle; the second has looked by then.
    const slow = { type: 'exec', command: 'sleep', args: ['0.3'] } as const;
    const { reports, passes } = await probe(
      { type: 'all', checks: [{ ...slow, args: [...slow.args] }, { type: 'notify' }] },
      checked,
    );
    checked.notices.add({ type: 'watchdog' });
    await new Promise((resolve) => setImmediate(resolve));
    checked.notices.add({ type: 'ready' });
    await passes();
    expect(reports).toMatchObject([{ passed: false }, { passed: true }]);
  });
});
