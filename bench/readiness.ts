/**
 * How soon after `listen()` the sidecar is known to be ready, with an HTTP check only, and what waiting costs. Beside it, what
 * nobody can be quicker than: a bare host that is told by the child that it listens, asks once, and has its answer.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from 'undici';
import { buildGoChild, type ChildCommand, listeningSince, nodeChild } from './child/command.js';
import { summarize } from './statistics.js';
import { SupervisedSidecar } from './supervised.js';

const PORT = 22_000;
const RUNS = 40;

for (const child of [buildGoChild(), nodeChild]) await readinessLag(child);
await costOfWaiting(2000);

async function readinessLag(child: ChildCommand): Promise<void> {
  const supervised = new SupervisedSidecar(child, PORT);
  let seenAt = 0;
  supervised.sidecar.on('healthy', () => {
    seenAt = performance.timeOrigin + performance.now();
  });
  const lags: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const listening = supervised.nextListening();
    await supervised.sidecar.restart();
    // The first one loads and compiles the code of the check.
    if (run > 0) lags.push(seenAt - (await listening));
  }
  await supervised.stop();
  print(`listen() → running (${child.name})`, lags);
  const bare: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const lag = await lagOfBareHost(child);
    if (run > 0) bare.push(lag);
  }
  print(`listen() → first answer, asked at once by a bare host (${child.name})`, bare);
}

async function lagOfBareHost({ command, args }: ChildCommand): Promise<number> {
  const port = PORT + 1;
  const child = spawn(command, args, { env: { ...process.env, PORT: String(port) } });
  const client = new Client(`http://127.0.0.1:${port}`);
  const [line] = await once(child.stdout, 'data');
  const { body } = await client.request({ method: 'GET', path: '/health' });
  const answeredAt = performance.timeOrigin + performance.now();
  await body.dump();
  child.kill('SIGKILL');
  await Promise.all([once(child, 'exit'), client.destroy()]);
  const listenedAt = listeningSince(String(line).trimEnd());
  if (listenedAt === null) throw new Error(`the child printed ${line}`);
  return answeredAt - listenedAt;
}

function print(what: string, lags: readonly number[]): void {
  const { min, median, max } = summarize(lags);
  console.log(`${what}: median ${median.toFixed(1)} ms (${min.toFixed(1)} – ${max.toFixed(1)})`);
}

/** Processor time of this process while it waits for a child that never listens. */
async function costOfWaiting(waited: number): Promise<void> {
  const supervised = new SupervisedSidecar({ name: 'sleep', command: 'sleep', args: ['60'] }, PORT);
  const ready = supervised.start().catch(() => {});
  // The first check loads its code.
  await new Promise((resolve) => supervised.sidecar.on('health-checked', resolve));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, waited));
  const { user, system } = process.cpuUsage(before);
  await supervised.stop();
  await ready;
  const perSecond = (user + system) / 1000 / (waited / 1000);
  console.log(`waiting for a child that does not listen: ${perSecond.toFixed(0)} ms of CPU per second`);
}
