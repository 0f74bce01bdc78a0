import type {
  CheckResult,
  CompileFailure,
  Endpoint,
  ExitStatus,
  HealthReport,
  ProcessExit,
  ProcessNotice,
  ResourceSample,
  SidecarContext,
  SidecarEvent,
  SpawnFailure,
} from '../../machines/sidecar.types.js';

/** What actors report, with payloads that do not matter filled in. */

export const endpoint: Endpoint = { transport: 'http', host: 'localhost', port: 8080 };

/** Each incarnation has its own pid, which a test can work out. */
export const pidOf = (generation: number) => 1000 + generation;

export const crashed: ExitStatus = { code: 1, signal: null };

export function exitOf(generation: number, status: ExitStatus = crashed): ProcessExit {
  return { ...status, pid: pidOf(generation), tail: [`last line of ${generation}`], outOfMemory: null };
}

export function spawned(generation: number, at: Endpoint | null = endpoint): SidecarEvent {
  return { type: 'process.spawned', generation, pid: pidOf(generation), endpoint: at, library: null };
}

export function spawnFailure(permanent: boolean): SpawnFailure {
  return permanent
    ? { code: 'ENOENT', message: 'no such file', permanent }
    : { code: 'EAGAIN', message: 'no more processes', permanent };
}

export function spawnFailed(generation: number, permanent: boolean): SidecarEvent {
  return { type: 'process.failed', generation, failure: spawnFailure(permanent) };
}

export function exited(generation: number, survivors = 0, status: ExitStatus = crashed): SidecarEvent {
  return { type: 'process.exited', generation, exit: exitOf(generation, status), survivors };
}

export function emptied(generation: number): SidecarEvent {
  return { type: 'process.emptied', generation };
}

export const taken: SidecarEvent = { type: 'process.taken', by: { pid: 4242, command: 'node other.js' } };

/** A report of one single check. */
export function healthReport(passed: boolean, check = 'GET /health'): HealthReport {
  const asked = { check, latency: 1, checkedAt: 0 };
  const result: CheckResult = passed
    ? { ...asked, passed }
    : { ...asked, passed, error: 'connection refused' };
  return { ...result, checks: [result] };
}

export function checked(generation: number, passed: boolean): SidecarEvent {
  return { type: 'health.checked', generation, report: healthReport(passed) };
}

export function readinessChecked(generation: number, passed: boolean): SidecarEvent {
  return { type: 'readiness.checked', generation, report: healthReport(passed, 'GET /ready') };
}

export function noticed(generation: number, notice: ProcessNotice): SidecarEvent {
  return { type: 'process.noticed', generation, notice };
}

export function statusNotice(generation: number): SidecarEvent {
  return noticed(generation, { type: 'status', text: `words of ${generation}` });
}

/** Each incarnation chooses another port, which a test can work out. */
export function endpointOf(generation: number): Endpoint {
  return { transport: 'http', host: 'localhost', port: 9000 + generation };
}

export function announced(generation: number): SidecarEvent {
  return { type: 'endpoint.announced', generation, endpoint: endpointOf(generation) };
}

export function unusable(generation: number): SidecarEvent {
  return { type: 'endpoint.unusable', generation, error: 'no port in it' };
}

export function handed(generation: number): SidecarEvent {
  return { type: 'process.handed', generation, handoff: { reveal: () => `secret of ${generation}` } };
}

export function idle(generation: number): SidecarEvent {
  return { type: 'client.idle', generation };
}

export const modestSample: ResourceSample = {
  memoryMB: 10,
  memoryMeasure: 'rss',
  cpuPercent: 1,
  fileDescriptors: 10,
  processes: 1,
  sampledAt: 0,
};

/** Over the default limit of 512 MiB. */
export const greedySample: ResourceSample = { ...modestSample, memoryMB: 600 };

/** Over the default limit of 80 %. */
export const spinningSample: ResourceSample = { ...modestSample, cpuPercent: 90 };

/** Over both. */
export const wildSample: ResourceSample = { ...greedySample, cpuPercent: 90 };

export function sampled(generation: number, sample: ResourceSample): SidecarEvent {
  return { type: 'resources.sampled', generation, sample };
}

export function compileDone(compilation: number): SidecarEvent {
  return { type: 'compile.done', compilation, outcome: 'compiled', duration: 7 };
}

export const compileFailure: CompileFailure = {
  kind: 'failed',
  message: 'type error',
  command: 'compiler',
  exitCode: 2,
  signal: null,
  tail: ['line 3: no such name'],
};

export function compileFailed(compilation: number): SidecarEvent {
  return { type: 'compile.failed', compilation, failure: compileFailure };
}

/** Every event from outside that a chart of this generation and compilation can meet, late and early ones too. */
export function everyEvent({
  generation,
  compilation,
  config,
}: Pick<SidecarContext, 'generation' | 'compilation' | 'config'>) {
  // Two limits matter only where they lead to different things.
  const { onMemory, onCPU } = config.resources;
  const otherSamples = onMemory === onCPU ? [] : [spinningSample, wildSample];
  const fromProcess = [generation - 1, generation].flatMap((each) => [
    spawned(each),
    spawnFailed(each, false),
    spawnFailed(each, true),
    exited(each),
    exited(each, 2),
    emptied(each),
    checked(each, true),
    checked(each, false),
    sampled(each, modestSample),
    sampled(each, greedySample),
    ...otherSamples.map((sample) => sampled(each, sample)),
    readinessChecked(each, true),
    readinessChecked(each, false),
    noticed(each, { type: 'ready' }),
    statusNotice(each),
    announced(each),
    unusable(each),
    handed(each),
    idle(each),
  ]);
  const fromCompiler = [compilation - 1, compilation].flatMap((each) => [
    compileDone(each),
    compileFailed(each),
  ]);
  const others: SidecarEvent[] = [
    { type: 'START' },
    { type: 'STOP' },
    { type: 'RESTART' },
    { type: 'RELOAD' },
    { type: 'host.exiting', signal: 'SIGINT' },
    taken,
    { type: 'health.requested' },
    { type: 'client.requested' },
    { type: 'client.circuit', state: 'open' },
    { type: 'compile.output', lines: [{ stream: 'stdout', line: 'compiling' }] },
    { type: 'process.output', generation, lines: [{ stream: 'stderr', line: 'ready' }] },
  ];
  return [...others, ...fromCompiler, ...fromProcess];
}
