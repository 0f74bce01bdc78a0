import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { createSidecar, explainEndpoint, explainTransition, type SidecarStateName } from 'sidecar-machine';
import config from './sidecar.config.js';

const sidecar = createSidecar(config);

sidecar.on('transition', ({ record }) => {
  // Decided at once: what was decided is told by the next line.
  if (record.to === 'restarting.deciding') return;
  console.log(`${clock(record.time)}  ${coloured(record.to)}  ${explainTransition(record)}`);
});
sidecar.on('output', ({ source, line }) => console.log(`${' '.repeat(14)}${dim(`${source} |`)} ${line}`));
sidecar.on('compile-failed', ({ failure }) => console.log(`${' '.repeat(14)}${failure.message}`));
sidecar.on('warning', ({ message }) => console.log(`${' '.repeat(14)}warning: ${message}`));

let stoppingSince: number | null = null;
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

try {
  await sidecar.start();
  const { endpoint, pid } = sidecar.status();
  if (endpoint === null) throw new Error('a running sidecar has an endpoint');
  console.log(`
  The greeter answers:  curl '${explainEndpoint(endpoint)}/greet?name=Ada'
  Kill it and watch:    kill -9 ${pid}
  Type and press Enter: status, restart, reload (after a change to examples/greeter/src), stop
`);
  createInterface({ input: process.stdin }).on('line', (line) => void obey(line.trim()));
} catch (error) {
  if (stoppingSince === null) fail(error);
}

async function obey(command: string): Promise<void> {
  try {
    switch (command) {
      case 'status':
        return console.log(JSON.stringify(sidecar.status(), null, 2));
      case 'restart':
        return await sidecar.restart();
      case 'reload':
        return await sidecar.reload();
      case 'stop':
        return stop();
      case '':
        return;
      default:
        return console.log(`"${command}" is none of: status, restart, reload, stop`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

function stop(): void {
  if (stoppingSince !== null) {
    // Ctrl-C under npm comes twice, from the terminal and from npm. A later one means: at once; the sidecar is killed
    // as this process exits.
    if (performance.now() - stoppingSince > 500) process.exit(130);
    return;
  }
  stoppingSince = performance.now();
  sidecar.stop().then(() => {
    console.log('The greeter is stopped, and nothing is left running.');
    process.exit(0);
  }, fail);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function clock(time: number): string {
  return dim(new Date(time).toISOString().slice(11, 23));
}

function coloured(state: SidecarStateName): string {
  const text = state.padEnd(23);
  if (!process.stdout.isTTY) return text;
  if (state === 'running') return styleText('green', text);
  if (state === 'degraded' || state.startsWith('restarting')) return styleText('yellow', text);
  return styleText('cyan', text);
}

function dim(text: string): string {
  return process.stdout.isTTY ? styleText('dim', text) : text;
}
