import type { Sidecar, SidecarConfig } from '../src/index.js';
import { type ChildCommand, listeningSince } from './child/command.js';
import { medianRatio, summarize } from './statistics.js';

/** Makes a sidecar in one of the ways that are compared; it is not started yet. */
export type Create = (config: SidecarConfig) => Sidecar | Promise<Sidecar>;

const REQUEST_PAIRS = 60;
const REQUESTS = 400;
const CRASH_PAIRS = 60;
let port = 22_000;

/** The median time of a request to the greeter, in pairs of blocks. */
export async function compareRequests(
  what: string,
  greeter: string,
  first: Create,
  second: Create,
): Promise<void> {
  const make = async (create: Create) => {
    const sidecar = await create({
      http: { host: '127.0.0.1', port: 0 },
      process: { command: greeter, args: ['-host', '{host}', '-port', '{port}'] },
    });
    await sidecar.start();
    return sidecar;
  };
  const [one, two] = [await make(first), await make(second)];
  for (const each of [one, two, one, two]) await latency(each);
  const times = await inPairs(
    REQUEST_PAIRS,
    () => latency(one),
    () => latency(two),
  );
  print(what, times, 'µs');
  await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
}

/** The median time of requests one after another, in microseconds. */
async function latency(sidecar: Sidecar): Promise<number> {
  const latencies: number[] = [];
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    const before = performance.now();
    await (await sidecar.request({ path: '/health' })).body.text();
    latencies.push((performance.now() - before) * 1000);
  }
  return summarize(latencies).median;
}

/** The time from a crash of the child until the next one listens, in pairs. */
export async function compareCrashes(
  what: string,
  child: ChildCommand,
  first: Create,
  second: Create,
): Promise<void> {
  const [one, two] = [await crashing(child, first), await crashing(child, second)];
  await one.recovery();
  await two.recovery();
  const times = await inPairs(CRASH_PAIRS, one.recovery, two.recovery);
  print(what, times, 'ms');
  await Promise.all([one, two].map(({ sidecar }) => sidecar[Symbol.asyncDispose]()));
}

async function crashing(child: ChildCommand, create: Create) {
  port += 1;
  const sidecar = await create({
    http: { host: '127.0.0.1', port },
    process: { command: child.command, args: [...child.args], restartDelay: 0, maxRestarts: 10_000 },
    resources: { maxCPUPercent: null },
  });
  let onListening = (_time: number) => {};
  sidecar.on('output', ({ line }) => {
    const time = listeningSince(line);
    if (time !== null) onListening(time);
  });
  await sidecar.start();
  /** From the kill to the moment at which the next child listens, by its own account, in milliseconds. */
  const recovery = async () => {
    const listening = new Promise<number>((settle) => {
      onListening = settle;
    });
    const { pid } = sidecar.status();
    if (pid === null) throw new Error('There is nothing to kill.');
    const killedAt = performance.timeOrigin + performance.now();
    process.kill(pid, 'SIGKILL');
    const recovered = (await listening) - killedAt;
    await sidecar.start();
    return recovered;
  };
  return { sidecar, recovery };
}

/** Who is first changes from pair to pair. */
async function inPairs(pairs: number, one: () => Promise<number>, two: () => Promise<number>) {
  const times: { one: number[]; two: number[] } = { one: [], two: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) times.one.push(await one());
    times.two.push(await two());
    if (pair % 2 === 1) times.one.push(await one());
  }
  return times;
}

function print(what: string, { one, two }: { one: number[]; two: number[] }, unit: string): void {
  const [first, second] = [summarize(one).median, summarize(two).median];
  const ratio = medianRatio(one, two).toFixed(3);
  console.log(
    `${what}: ${first.toFixed(1)} ${unit} beside ${second.toFixed(1)} ${unit}, ratio ${ratio} (${one.length} pairs)`,
  );
}
