/**
 * How soon after a child is ready that is known, by what tells of it; with `npm run build` before. In pairs in one run:
 * ours, and a bare host that starts the same child, hears of it on the notify pipe (by its line, for `log`), and asks
 * once. The bare host checks nothing else: it is what no supervisor can be faster than.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'undici';
import type { Sidecar, SidecarConfig } from '../src/index.js';
import { createSidecar } from './built.js';
import { buildSignalling } from './child/command.js';
import { freePort } from './free-port.js';
import { summarize } from './statistics.js';

const PAIRS = 60;

/** What a bare host does once its child was started; resolves when it knows that the child is ready. */
type BareWait = (child: ChildProcess) => Promise<unknown>;

const now = () => performance.timeOrigin + performance.now();

const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const command = buildSignalling(folder);
const bareSocket = join(folder, 'bare.sock');
const barePort = await freePort();
const tcp = { transport: 'http', http: { host: '127.0.0.1', port: 0 } } as const;
const socket = { transport: 'ipc', ipc: { socketPath: join(folder, 'child.sock') } } as const;
const bareTcp = { HOST: '127.0.0.1', PORT: String(barePort) };
const bareIpc = { SOCKET_PATH: bareSocket };

const notify = { ...tcp, healthCheck: { startup: { type: 'notify' } } } as const;
const log = { ...tcp, healthCheck: { startup: { type: 'log', pattern: '^ready ' } } } as const;
const ipc = { ...socket, healthCheck: { liveness: { type: 'ipc' } } } as const;
await measure('notify', notify, bareTcp, heard);
await measure('log', log, bareTcp, printed);
await measure('socket (connect)', ipc, bareIpc, connected({ path: bareSocket }));
await measure('socket (HTTP)', socket, bareIpc, answered('http://localhost', { socketPath: bareSocket }));
await measure('http', tcp, bareTcp, answered(`http://127.0.0.1:${barePort}`, {}));
await rm(folder, { recursive: true });

async function measure(
  name: string,
  config: Omit<SidecarConfig, 'process'>,
  bareEnvironment: NodeJS.ProcessEnv,
  wait: BareWait,
): Promise<void> {
  const sidecar = createSidecar({ ...config, process: { command } });
  const ours: number[] = [];
  const bare: number[] = [];
  const lagOfSidecar = followLag(sidecar);
  for (let pair = 0; pair <= PAIRS; pair += 1) {
    const lags = [await lagOfSidecar(), await lagOfBareHost(bareEnvironment, wait)] as const;
    // The first one loads and compiles the code of the check.
    if (pair === 0) continue;
    ours.push(lags[0]);
    bare.push(lags[1]);
  }
  await sidecar.stop();
  const [us, them] = [summarize(ours), summarize(bare)];
  const added = summarize(ours.map((lag, pair) => lag - (bare[pair] ?? Number.NaN)));
  console.log(
    `ready → running by ${name}: median ${us.median.toFixed(2)} ms (${us.min.toFixed(2)} – ${us.max.toFixed(2)}), ` +
      `bare ${them.median.toFixed(2)} ms (from ${them.min.toFixed(2)}), added ${added.median.toFixed(2)} ms (${PAIRS} pairs)`,
  );
}

/** Restarts the sidecar; how long after its own word that it is ready it is known to be. */
function followLag(sidecar: Sidecar): () => Promise<number> {
  let readyAt: number | null = null;
  let seenAt = 0;
  sidecar.on('healthy', () => {
    seenAt = now();
  });
  sidecar.on('output', ({ line }) => {
    readyAt ??= readyTime(line);
  });
  return async () => {
    readyAt = null;
    await sidecar.restart();
    // Its line may come after the answer of its check.
    while (readyAt === null) await new Promise((resolve) => setImmediate(resolve));
    return seenAt - readyAt;
  };
}

async function lagOfBareHost(environment: NodeJS.ProcessEnv, wait: BareWait): Promise<number> {
  await rm(bareSocket, { force: true });
  const child = spawn(command, {
    env: { ...process.env, NOTIFY_FD: '3', ...environment },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const line = once(child.stdout, 'data');
  await wait(child);
  const seenAt = now();
  const [chunk] = await line;
  const readyAt = readyTime(String(chunk).trimEnd());
  child.kill('SIGKILL');
  await once(child, 'exit');
  if (readyAt === null) throw new Error(`the child printed ${chunk}`);
  return seenAt - readyAt;
}

async function heard({ stdio }: ChildProcess): Promise<void> {
  const pipe = stdio[3];
  if (!(pipe instanceof Readable)) throw new Error('the child has no notify pipe');
  await once(pipe, 'data');
}

async function printed({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('the child has no output');
  await once(stdout, 'data');
}

function connected(options: NetConnectOpts): BareWait {
  return async (child) => {
    await heard(child);
    const connection = connect(options);
    await once(connection, 'connect');
    connection.destroy();
  };
}

function answered(origin: string, options: { socketPath?: string }): BareWait {
  return async (child) => {
    const client = new Client(origin, options);
    await heard(child);
    const { body } = await client.request({ method: 'GET', path: '/health' });
    void body.dump().then(() => client.destroy());
  };
}

function readyTime(line: string): number | null {
  const [, time] = /^ready ([\d.]+)$/.exec(line) ?? [];
  return time === undefined ? null : Number(time);
}
