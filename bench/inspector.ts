/**
 * What one who looks on costs: on `sidecar.request`, and on the recovery from a crash; in pairs in one run. The viewer is a
 * process of its own, as a browser is. Also what `inspect` costs while nobody looks on.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SidecarConfig } from '../src/index.js';
import { buildGoChild, buildGreeter } from './child/command.js';
import { compareCrashes, compareRequests } from './compare.js';

const { createSidecar }: typeof import('../src/index.js') = await import(
  pathToFileURL(resolve('dist/src/index.js')).href
);
const VIEWER = fileURLToPath(new URL('child/viewer.mjs', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const greeter = buildGreeter(folder);
const child = buildGoChild();
const plain = (config: SidecarConfig) => createSidecar(config);

await compareRequests('request, watched beside not shown', greeter, watched, plain);
await compareCrashes('crash, watched beside not shown', child, watched, plain);
await compareRequests('request, shown to nobody beside not shown', greeter, shown, plain);
await compareCrashes('crash, shown to nobody beside not shown', child, shown, plain);
await rm(folder, { recursive: true });

async function shown(config: SidecarConfig) {
  const sidecar = createSidecar({ ...config, inspect: true });
  await sidecar.inspector();
  return sidecar;
}

async function watched(config: SidecarConfig) {
  const sidecar = await shown(config);
  const inspector = await sidecar.inspector();
  if (inspector === null) throw new Error('There is no inspector.');
  const address = inspector.url.replace('http:', 'ws:').replace('#', 'socket?');
  const viewer = spawn(process.execPath, [VIEWER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: viewer.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => console.log(`  the viewer ${line}`));
  return sidecar;
}
