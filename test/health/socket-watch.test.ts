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
    const unwatch = watchSockets(child.pid ?? 0, () => {
      changes += 1;
    });
    if (unwatch === null) throw new Error('it can not be watched');
    onTestFinished(unwatch);
    child.stdin.write('listen\n');
    await eventually(() => changes >= 4, 'four looks at the socket');
    unwatch();
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
      const unwatch = watchSockets(child.pid ?? 0, resolve);
      if (unwatch === null) throw new Error('it can not be watched');
      onTestFinished(unwatch);
    }),
    () => 'the fourth socket',
  );
});

it('a process that is gone can not be watched', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await within(once(child, 'exit'), () => 'the end of the process');
  expect(watchSockets(child.pid ?? 0, () => {})).toBeNull();
});
