/** A configuration for a common need, as the reference page shows it. */
interface ConfigExample {
  readonly need: string;
  /** The argument of `defineConfig`. */
  readonly config: string;
}

export const configExamples: readonly ConfigExample[] = [
  {
    need: 'Requests wait while `/ready` fails; only a failing `/live` leads to a restart',
    config: `{
  process: { command: './server', args: ['--port', '{port}'] },
  http: { port: 0 },
  healthCheck: {
    liveness: { path: '/live' },
    readiness: { path: '/ready', interval: 2000 },
  },
}`,
  },
  {
    need: 'HTTP over a Unix domain socket; health is a GET of `/health` over it',
    config: `{
  transport: 'ipc',
  ipc: { socketPath: '/tmp/greeter.sock' },
  process: { command: './server', args: ['--socket', '{socketPath}'] },
}`,
  },
  {
    need: 'It chooses its port itself, and prints where it listens',
    config: `{
  process: { command: './server' },
  endpoint: { from: 'log', pattern: /listening on (?<url>http:\\S+)/ },
}`,
  },
  {
    need: 'It tells by sd_notify when it is ready, and that it still is alive',
    config: `{
  process: { command: './server' },
  healthCheck: { liveness: { type: 'notify', watchdog: 20_000 } },
}`,
  },
  {
    need: 'While it is developed, it is reloaded when a source is saved',
    config: `{
  compile: { command: 'go', args: ['build', '-o', 'build/api', '.'], inputs: ['**/*.go', 'go.mod'], outputs: ['build/api'] },
  watch: {}, // compile.inputs; or paths: ['src/**/*.py'] where nothing is compiled
  process: { command: './build/api' },
}`,
  },
  {
    need: 'A gRPC server',
    config: `{
  process: { command: './server', args: ['--port', '{port}'] },
  healthCheck: { liveness: { type: 'grpc', service: 'greeter.v1.Greeter' } },
}`,
  },
  {
    need: 'Several checks at once, and another one for the start',
    config: `{
  process: { command: './server' },
  healthCheck: {
    startup: { type: 'log', pattern: 'migrations done' },
    liveness: {
      type: 'all',
      checks: [{ path: '/health', json: { 'db.status': 'up' } }, { type: 'tcp', port: 9090 }],
    },
  },
}`,
  },
  {
    need: 'Limits: a warning before, a restart when memory is over its limit in 3 of 5 samples, and no more than the system grants',
    config: `{
  process: { command: './server' },
  resources: {
    maxMemoryMB: 512,
    softMemoryMB: 400,
    onCPU: 'report',
    breachWindow: 5,
    hard: { fileDescriptors: 4096, nice: 5 },
  },
}`,
  },
  {
    need: 'A shared library in this very process',
    config: `{
  transport: 'direct',
  process: { command: './libgreeter.so' },
  direct: { functions: { add: 'int add(int a, int b)' }, health: 'greeter_is_well' },
}`,
  },
  {
    need: 'Started by the first request, stopped when it is not used, and answered for when it fails',
    config: `{
  process: { command: './server' },
  lazy: true,
  idleTimeout: 600_000,
  client: { retry: true, fallback: () => Response.json({ greeting: 'Hello' }) },
}`,
  },
];
