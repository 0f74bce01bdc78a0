/**
 * What metrics, traces, channels, logs and the journal cost: on `sidecar.request`, and on the recovery from a crash. In pairs in one
 * run: this build unobserved beside a baseline, and observed beside unobserved. The baseline is another build of the
 * package, from before there was anything to observe with, if its folder is given:
 *
 *     npx tsx bench/observing.ts ../baseline/dist
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Sidecar, SidecarConfig } from '../src/index.js';
import { buildGoChild, buildGreeter, listeningSince } from './child/command.js';
import { medianRatio, summarize } from './statistics.js';

type Package = typeof import('../src/index.js');
type Metrics = typeof import('../src/metrics.js');
type Telemetry = typeof import('../src/telemetry.js');

const OURS = resolve('dist/src');
const [, , baselineFolder] = process.argv;
const ours = await load<Package>(OURS, 'index.js');
const { sidecarMetrics } = await load<Metrics>(OURS, 'metrics.js');
const { traceSidecar } = await load<Telemetry>(OURS, 'telemetry.js');
const baseline =
  baselineFolder === undefined ? null : await load<Package>(join(resolve(baselineFolder), 'src'), 'index.js');

const REQUEST_PAIRS = 60;
const REQUESTS = 400;
const CRASH_PAIRS = 60;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const greeter = buildGreeter(folder);
const child = buildGoChild();
let port = 22_000;

if (baseline === null) console.log('no baseline was given: only observed beside unobserved is measured');
else {
  await compareRequests('request, unobserved beside the baseline', plain(ours), plain(baseline));
  await compareCrashes('crash, unobserved beside the baseline', plain(ours), plain(baseline));
}
await compareRequests('request, with metrics beside unobserved', measured, plain(ours));
await compareRequests('request, with a tracer but no provider beside unobserved', traced, plain(ours));
await compareCrashes(
  'crash, with metrics, tracer, logger, log file and channels beside unobserved',
  observed,
  plain(ours),
);
await compareCrashes('crash, with journal and metrics beside neither', kept, unkept);
await rm(folder, { recursive: true });

type Create = (config: SidecarConfig) => Sidecar;

function plain({ createSidecar }: Package): Create {
  return (config) => createSidecar(config);
}

function measured(config: SidecarConfig): Sidecar {
  const sidecar = ours.createSidecar(config);
  const { registry } = sidecarMetrics(sidecar);
  // As often as a Prometheus in a hurry.
  const timer = setInterval(() => void registry.metrics(), 1000);
  sidecar.onDispose(() => clearInterval(timer));
  return sidecar;
}

function traced(config: SidecarConfig): Sidecar {
  const sidecar = ours.createSidecar(config);
  traceSidecar(sidecar);
  return sidecar;
}

/** With all that tells afterwards what happened. */
function kept(config: SidecarConfig): Sidecar {
  const sidecar = ours.createSidecar({ ...config, stateDirectory: stateOf(config) });
  sidecarMetrics(sidecar);
  return sidecar;
}

/** The same state directory, without a journal in it. */
function unkept(config: SidecarConfig): Sidecar {
  return ours.createSidecar({ ...config, stateDirectory: stateOf(config), journal: false });
}

function stateOf({ http }: SidecarConfig): string {
  return join(folder, `state-${http?.port}`);
}

function observed(config: SidecarConfig): Sidecar {
  const sidecar = ours.createSidecar(
    { ...config, log: { file: join(folder, 'lines.log') } },
    { logger: silent },
  );
  const registry = sidecarMetrics(sidecar);
  traceSidecar(sidecar);
  const hear = () => {};
  subscribe('sidecar-machine:transition', hear);
  sidecar.onDispose(() => {
    unsubscribe('sidecar-machine:transition', hear);
    registry.dispose();
  });
  return sidecar;
}

async function compareRequests(what: string, first: Create, second: Create): Promise<void> {
  const make = async (create: Create) => {
    const sidecar = create({
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

async function compareCrashes(what: string, first: Create, second: Create): Promise<void> {
  const [one, two] = [await crashing(first), await crashing(second)];
  await one.recovery();
  await two.recovery();
  const times = await inPairs(CRASH_PAIRS, one.recovery, two.recovery);
  print(what, times, 'ms');
  await Promise.all([one, two].map(({ sidecar }) => sidecar[Symbol.asyncDispose]()));
}

async function crashing(create: Create) {
  port += 1;
  const sidecar = create({
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

async function load<Module>(from: string, name: string): Promise<Module> {
  const module: Module = await import(pathToFileURL(join(from, name)).href);
  return module;
}
