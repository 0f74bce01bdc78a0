/**
 * How long requests in flight live on after `kill -9`; with `npm run build` before. In pairs in one run, over TCP and a
 * Unix socket: ours, and what people write by hand, `Promise.race` of each request of an undici Pool with the 'exit' of
 * a child that they started. How long undici alone takes to notice is told, too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Sidecar } from '../src/index.js';
import { createSidecar } from './built.js';
import { buildGreeter } from './child/command.js';
import { freePort } from './free-port.js';
import { summarize } from './statistics.js';

const RUNS = 15;
/** How many requests, over how many connections. */
const LOADS = [
  { requests: 10, connections: 128 },
  { requests: 1000, connections: 128 },
  { requests: 1000, connections: 1000 },
];

/** Milliseconds from the kill to the failure of the last request. */
type Measured = Promise<number>;

const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const command = buildGreeter(folder);
for (const transport of ['http', 'ipc'] as const) for (const load of LOADS) await measure(transport, load);
await rm(folder, { recursive: true });

async function measure(transport: 'http' | 'ipc', { requests, connections }: (typeof LOADS)[number]) {
  const sidecar = createSidecar({
    name: 'greeter',
    transport,
    http: { host: '127.0.0.1', port: 0 },
    ipc: { socketPath: join(folder, 'greeter.sock') },
    process: {
      command,
      args: transport === 'ipc' ? ['-socket', '{socketPath}'] : ['-host', '{host}', '-port', '{port}'],
      restartDelay: 0,
      maxRestarts: 1000,
    },
    client: { connections },
  });
  await sidecar.start();
  const ours: number[] = [];
  const bare: number[] = [];
  const alone: number[] = [];
  // The first one warms up.
  for (let run = -1; run < RUNS; run += 1) {
    const last = await lastOfSidecar(sidecar, requests);
    const byHand = await lastOfBareHost(transport, requests, connections);
    if (run < 0) continue;
    ours.push(last);
    bare.push(byHand.raced);
    alone.push(byHand.alone);
  }
  await sidecar.stop();
  const [us, them, undici] = [summarize(ours), summarize(bare), summarize(alone)];
  const added = summarize(ours.map((last, run) => last - (bare[run] ?? Number.NaN)));
  console.log(
    `${requests} in flight over ${connections} connections (${transport}), kill -9: the last fails after ` +
      `${us.median.toFixed(1)} ms (${us.min.toFixed(1)} – ${us.max.toFixed(1)}), raced with 'exit' by hand ` +
      `${them.median.toFixed(1)} ms (${them.min.toFixed(1)} – ${them.max.toFixed(1)}), added ${added.median.toFixed(1)} ms, ` +
      `undici alone ${undici.median.toFixed(1)} ms (${RUNS} pairs)`,
  );
}

async function lastOfSidecar(sidecar: Sidecar, requests: number): Measured {
  const pending = Array.from({ length: requests }, () =>
    failure(sidecar.request({ path: '/hang' }), 'SidecarDiedError'),
  );
  await wait(1000);
  const { pid } = sidecar.status();
  if (pid === null) throw new Error('the sidecar is not running');
  const killedAt = performance.now();
  process.kill(pid, 'SIGKILL');
  const last = Math.max(...(await Promise.all(pending))) - killedAt;
  // The next run finds it up.
  await sidecar.request({ path: '/health' }).then(({ body }) => body.dump());
  return last;
}

async function lastOfBareHost(
  transport: 'http' | 'ipc',
  requests: number,
  connections: number,
): Promise<{ raced: number; alone: number }> {
  const socketPath = join(folder, 'bare.sock');
  await rm(socketPath, { force: true });
  const port = await freePort();
  const address =
    transport === 'ipc' ? ['-socket', socketPath] : ['-host', '127.0.0.1', '-port', String(port)];
  const child = spawn(command, address);
  await once(child.stdout, 'data');
  const connect = transport === 'ipc' ? { connect: { socketPath } } : {};
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, ...connect });
  const died = rejectsOnExit(child);
  const sent = Array.from({ length: requests }, () => pool.request({ path: '/hang', method: 'GET' }));
  // Whichever is first: the exit, or an error of undici's own that does not say so.
  const raced = sent.map((each) => failure(Promise.race([each, died])));
  const alone = sent.map((each) => failure(each));
  await wait(1000);
  const killedAt = performance.now();
  child.kill('SIGKILL');
  const times = { raced: await Promise.all(raced), alone: await Promise.all(alone) };
  await pool.destroy();
  return { raced: Math.max(...times.raced) - killedAt, alone: Math.max(...times.alone) - killedAt };
}

function rejectsOnExit(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('exit', () => reject(new Error('the process died')));
  });
}

/** When a request failed, and that it did so with the error of that name, if one is given. */
async function failure(request: Promise<unknown>, name?: string): Measured {
  try {
    await request;
  } catch (error) {
    const at = performance.now();
    if (name !== undefined && !(error instanceof Error && error.name === name)) throw error;
    return at;
  }
  throw new Error('a request to a greeter that hangs was answered');
}
