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
import { buildGoChild, buildGreeter } from './child/command.js';
import { type Create, compareCrashes, compareRequests } from './compare.js';

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

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = await mkdtemp(join(tmpdir(), 'sidecar-bench-'));
const greeter = buildGreeter(folder);
const child = buildGoChild();

if (baseline === null) console.log('no baseline was given: only observed beside unobserved is measured');
else {
  await compareRequests('request, unobserved beside the baseline', greeter, plain(ours), plain(baseline));
  await compareCrashes('crash, unobserved beside the baseline', child, plain(ours), plain(baseline));
}
await compareRequests('request, with metrics beside unobserved', greeter, measured, plain(ours));
await compareRequests(
  'request, with a tracer but no provider beside unobserved',
  greeter,
  traced,
  plain(ours),
);
await compareCrashes(
  'crash, with metrics, tracer, logger, log file and channels beside unobserved',
  child,
  observed,
  plain(ours),
);
await compareCrashes('crash, with journal and metrics beside neither', child, kept, unkept);
await rm(folder, { recursive: true });

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

async function load<Module>(from: string, name: string): Promise<Module> {
  const module: Module = await import(pathToFileURL(join(from, name)).href);
  return module;
}
