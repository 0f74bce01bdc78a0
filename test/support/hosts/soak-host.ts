import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSidecar, type Sidecar } from '../../../src/index.js';
import { serverConfig, shellConfig } from '../server-config.js';

// Runs COUNT sidecars for SECONDS while they log, are asked, and are killed at random, and says four times, with all
// of them up, what this process holds. Each fifth is a server; the others only log.
//
//   node --import tsx test/support/hosts/soak-host.ts 50 1800

const [count, seconds] = [Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 1800)];

/** One in so many sidecars is killed each second. */
const LIVES_FOR_SECONDS = 20;
const LOG = 'echo ready; while :; do for i in 1 2 3 4 5 6 7 8 9 10; do echo "line $i"; done; sleep 1; done';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const figures = { crashes: 0, restarts: 0, lines: 0, answers: 0, failures: 0 };

function make(index: number): Sidecar {
  const sections = {
    process: { restartDelay: 10, maxRestarts: 10_000, restartWindow: 1000 },
    resources: { interval: 1000 },
  };
  const isServer = index % 5 === 0;
  const started = { startup: { type: 'log', pattern: '^ready$' }, liveness: { type: 'process' } } as const;
  const sidecar = createSidecar(
    isServer ? serverConfig({}, sections) : shellConfig(LOG, { ...sections, healthCheck: started }),
  );
  sidecar.on('output', () => {
    figures.lines += 1;
  });
  sidecar.on('process-death', () => {
    figures.crashes += 1;
  });
  sidecar.on('healthy', ({ generation }) => {
    if (generation > 1) figures.restarts += 1;
  });
  return sidecar;
}

async function ask(sidecar: Sidecar): Promise<void> {
  try {
    const answer = await sidecar.fetch('/');
    await answer.arrayBuffer();
    figures.answers += 1;
  } catch {
    // It was killed meanwhile: that every request is settled is tested elsewhere.
    figures.failures += 1;
  }
}

function crashOneOf(sidecars: readonly Sidecar[]): void {
  const { pid } = sidecars[Math.floor(Math.random() * sidecars.length)]?.status() ?? { pid: null };
  if (pid !== null) process.kill(pid, 'SIGKILL');
}

/** What this process holds while every sidecar is up and nothing is under way. */
async function measure(sidecars: readonly Sidecar[], minute: number): Promise<void> {
  while (!sidecars.every((sidecar) => sidecar.status().state === 'running')) await wait(50);
  // Connections and timers of the last requests and processes end within this.
  await wait(2000);
  collectGarbage();
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const descriptors = readdirSync('/proc/self/fd').length;
  const held = { minute, heapMB: mebibytes(heapUsed), rssMB: mebibytes(rss), descriptors, ...figures };
  console.log(`held: ${JSON.stringify(held)}`);
}

function mebibytes(bytes: number): number {
  return Number((bytes / 1024 / 1024).toFixed(2));
}

const sidecars = Array.from({ length: count }, (_, index) => make(index));
await Promise.all(sidecars.map((sidecar) => sidecar.start()));
const servers = sidecars.filter((_, index) => index % 5 === 0);

for (let quarter = 1; quarter <= 4; quarter += 1) {
  const asking = setInterval(() => void Promise.all(servers.map(ask)), 500);
  const crashing = setInterval(() => crashOneOf(sidecars), (1000 * LIVES_FOR_SECONDS) / count);
  await wait((seconds / 4) * 1000);
  clearInterval(asking);
  clearInterval(crashing);
  await measure(sidecars, Number(((seconds / 4 / 60) * quarter).toFixed(2)));
}
await Promise.all(sidecars.map((sidecar) => sidecar[Symbol.asyncDispose]()));
console.log('stopped');
