import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { eventually, within } from '../support/within.js';
import { lookOn, pageOf, socketOf } from './looking-on.js';

/** Once there is the file that `GO` names, prints long lines that are six times as long as JSON, until it is told to end. */
const FLOOD = `line=$(printf '\\001%.0s' $(seq 1 4000))
  while [ ! -e "$GO" ]; do sleep 0.05; done
  while :; do for i in 1 2 3 4 5 6 7 8; do echo "$line"; done; sleep 0.01; done`;

async function flooding() {
  const go = join(await tempFolder(), 'go');
  const config = shellConfig(FLOOD, {
    inspect: true,
    process: { env: { GO: go } },
    healthCheck: { interval: 50, liveness: { type: 'process' } },
  });
  return { watched: await watch(config).run(), go };
}

/** A viewer that was let in and reads no more. */
async function silentViewer(page: URL): Promise<Socket> {
  const { pathname, search, host, hostname, port } = socketOf(page);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const key = Buffer.alloc(16).toString('base64');
  socket.write(
    [
      `GET ${pathname}${search} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
      '\r\n',
    ].join('\r\n'),
  );
  await within(once(socket, 'data'), () => 'the handshake');
  return socket.pause();
}

describe('a viewer that does not read', () => {
  it('is dropped, and neither the sidecar nor the other viewers wait for it', async () => {
    const { watched, go } = await flooding();
    const inspector = await watched.sidecar.inspector();
    const page = await pageOf(watched.sidecar);
    const silent = await silentViewer(page);
    const reader = await lookOn(watched.sidecar);
    expect(inspector?.viewers).toBe(2);

    await writeFile(go, '');
    await watched.next('output');
    const before = watched.all('health-checked').length;
    await eventually(() => inspector?.viewers === 1, 'the slow viewer to be dropped');
    // All the while it was checked, and the other one was told.
    expect(watched.all('health-checked').length).toBeGreaterThan(before);
    expect(watched.states().at(-1)).toBe('running');
    expect(reader.all('service.output').length).toBeGreaterThan(0);
    await watched.next('health-checked');
    await reader.next('service.health');
    await reader.next('service.output', ({ dropped }) => dropped > 0);
    const closed = once(silent, 'close');
    silent.resume();
    await within(closed, () => 'the end of its connection');
    await watched.stopsCleanly();
    await reader.next('service.transition', ({ transition }) => transition.to === 'stopped');
  });
});

describe('a flood of lines', () => {
  it('is cut to what a reader can follow, at most ten times a second, and what is left out is counted', async () => {
    const { watched, go } = await flooding();
    const reader = await lookOn(watched.sidecar);
    await writeFile(go, '');
    const started = performance.now();
    await eventually(() => reader.all('service.output').length >= 10, 'ten batches');
    const batches = reader.all('service.output').slice(0, 10);
    // The first may come at once.
    expect(performance.now() - started).toBeGreaterThan(800);
    for (const { lines } of batches) {
      expect(lines.length).toBeLessThanOrEqual(300);
      expect(lines.reduce((all, { line }) => all + line.length, 0)).toBeLessThanOrEqual(64 * 1024);
    }
    await watched.stopsCleanly();
    await reader.next('service.transition', ({ transition }) => transition.to === 'stopped');
    const told = () =>
      reader.all('service.output').reduce((all, { lines, dropped }) => all + lines.length + dropped, 0);
    await eventually(() => told() === watched.lines().length, 'every line to be told or counted');
  });
});
