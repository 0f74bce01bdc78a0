import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { canWatchSockets, watchSockets } from '../../src/health/socket-watch.js';
import { eventually, within } from '../support/within.js';

if (!canWatchSockets)
  console.log('Skipped here: sockets that are seen from outside, which only Linux shows.');

/** Listens once it is told to. */
const SERVER = `
  process.stdin.once('data', () => require('node:net').createServer().listen(0, '127.0.0.1'));
  console.log('up');
`;

it.runIf(canWatchSockets)(
  'a new socket is told of, and again by the next looks, as it may not listen yet',
  async () => {
    const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await within(once(child.stdout, 'data'), () => 'the server');
    let changes = 0;
    const sockets = watchSockets(child.pid ?? 0, () => {
      changes += 1;
    });
    if (sockets === null) throw new Error('it can not be watched');
    onTestFinished(() => sockets.end());
    child.stdin.write('listen\n');
    await eventually(() => changes >= 4, 'four looks at the socket');
    sockets.end();
    expect(changes).toBe(4);
  },
);

it.runIf(canWatchSockets)('a socket that is there already is told of by the next look', async () => {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await within(once(child.stdout, 'data'), () => 'the server');
  await within(
    new Promise<void>((resolve) => {
      const sockets = watchSockets(child.pid ?? 0, resolve);
      if (sockets === null) throw new Error('it can not be watched');
      onTestFinished(() => sockets.end());
    }),
    () => 'the fourth socket',
  );
});

it.runIf(canWatchSockets)(
  'is looked for at once when there is a reason, however many are watched',
  async () => {
    const listening = SERVER.replace("'127.0.0.1')", "'127.0.0.1', () => console.log('listening'))");
    const child = spawn(process.execPath, ['-e', listening], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await within(once(child.stdout, 'data'), () => 'the server');
    let changes = 0;
    const watched = Array.from({ length: 300 }, (_, index) =>
      watchSockets(child.pid ?? 0, () => {
        if (index === 0) changes += 1;
      }),
    );
    onTestFinished(() => {
      for (const each of watched) each?.end();
    });
    child.stdin.write('listen\n');
    await within(once(child.stdout, 'data'), () => 'its line');
    // Nobody looks twice within a millisecond; and while this waits, no timer runs.
    for (const since = performance.now(); performance.now() - since < 2; );
    const before = changes;
    const askedAt = performance.now();
    watched[0]?.lookNow();
    watched[0]?.lookNow();
    // This may have been interrupted between the two.
    const mostLooks = Math.min(2, 1 + Math.floor(performance.now() - askedAt));
    expect(changes).toBeGreaterThan(before);
    expect(changes).toBeLessThanOrEqual(before + mostLooks);
  },
);

it('a process that is gone can not be watched', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await within(once(child, 'exit'), () => 'the end of the process');
  expect(watchSockets(child.pid ?? 0, () => {})).toBeNull();
});
