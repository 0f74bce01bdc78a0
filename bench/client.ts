/**
 * What `sidecar.request` and `sidecar.fetch` cost over undici's own `Pool.request` and fetch, over TCP and over a Unix
 * socket, against the Go greeter. Pairs: blocks of ours and of undici's in turn, in one process, to one server.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, fetch as undiciFetch } from 'undici';
import { connectOptions, originOf } from '../src/os/address.js';
import { createSidecar } from './built.js';
import { buildGreeter } from './child/command.js';
import { medianRatio, summarize } from './statistics.js';

const CONNECTIONS = 64;
const PATH = '/health';
const PAIRS = 40;
const SEQUENTIAL = 250;
const CONCURRENT = 2000;

type Send = () => Promise<void>;

const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const command = buildGreeter(folder);
for (const transport of ['http', 'ipc'] as const) {
  const sidecar = createSidecar({
    name: 'greeter',
    transport,
    http: { host: '127.0.0.1', port: 0 },
    ipc: { socketPath: join(folder, 'greeter.sock') },
    process: {
      command,
      args: transport === 'ipc' ? ['-socket', '{socketPath}'] : ['-host', '{host}', '-port', '{port}'],
    },
    client: { connections: CONNECTIONS },
  });
  await sidecar.start();
  const { endpoint } = sidecar;
  if (endpoint === null || endpoint.transport === 'direct') throw new Error('The greeter does not listen.');
  const origin = originOf(endpoint);
  const pool = new Pool(origin, { connections: CONNECTIONS, connect: connectOptions(endpoint) });
  const name = transport === 'http' ? 'TCP' : 'Unix socket';

  await compare(
    `request over ${name}`,
    async () => void (await (await sidecar.request({ path: PATH })).body.text()),
    async () => void (await (await pool.request({ path: PATH, method: 'GET' })).body.text()),
  );
  const init = { dispatcher: pool };
  if (!isRequestInit(init)) throw new TypeError('fetch takes no dispatcher');
  await compare(
    `fetch over ${name}, beside that of Node.js`,
    async () => void (await (await sidecar.fetch(PATH)).text()),
    async () => void (await (await fetch(origin + PATH, init)).text()),
  );
  await compare(
    `fetch over ${name}, beside that of the package undici`,
    async () => void (await (await sidecar.fetch(PATH)).text()),
    async () => void (await (await undiciFetch(origin + PATH, { dispatcher: pool })).text()),
  );
  await pool.close();
  await sidecar.stop();
}
await rm(folder, { recursive: true });

/** Node.js' own fetch is typed by the undici that it contains, and takes any dispatcher. */
function isRequestInit(value: object): value is RequestInit {
  return 'dispatcher' in value;
}

async function compare(what: string, ours: Send, theirs: Send): Promise<void> {
  for (const send of [ours, theirs, ours, theirs]) await concurrently(send);
  const latencies = await inPairs(ours, theirs, sequentially);
  const durations = await inPairs(ours, theirs, concurrently);
  const rate = (duration: number) => Math.round(CONCURRENT / (duration / 1000));
  console.log(
    `${what}: p50 ${latencies.ours.toFixed(3)} ms, undici ${latencies.theirs.toFixed(3)} ms, ratio ${latencies.ratio.toFixed(3)}; ` +
      `${rate(durations.ours)} requests/s, undici ${rate(durations.theirs)}, ratio ${(1 / durations.ratio).toFixed(3)}`,
  );
}

/** Medians of both, and the median of the ratios pair by pair. Who is first changes from pair to pair. */
async function inPairs(ours: Send, theirs: Send, measure: (send: Send) => Promise<number>) {
  const pairs: { ours: number; theirs: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % 2 === 0) {
      const first = await measure(ours);
      pairs.push({ ours: first, theirs: await measure(theirs) });
    } else {
      const first = await measure(theirs);
      pairs.push({ theirs: first, ours: await measure(ours) });
    }
  }
  return {
    ours: summarize(pairs.map((pair) => pair.ours)).median,
    theirs: summarize(pairs.map((pair) => pair.theirs)).median,
    ratio: medianRatio(
      pairs.map((pair) => pair.ours),
      pairs.map((pair) => pair.theirs),
    ),
  };
}

/** The median latency of requests one after another, in milliseconds. */
async function sequentially(send: Send): Promise<number> {
  const latencies: number[] = [];
  for (let sent = 0; sent < SEQUENTIAL; sent += 1) {
    const before = performance.now();
    await send();
    latencies.push(performance.now() - before);
  }
  return summarize(latencies).median;
}

/** How long many requests take, as many at a time as there are connections, in milliseconds. */
async function concurrently(send: Send): Promise<number> {
  const before = performance.now();
  let left = CONCURRENT;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return performance.now() - before;
}
