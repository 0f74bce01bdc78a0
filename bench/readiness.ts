/** How soon after `listen()` the sidecar is known to be ready, with an HTTP check only, and what waiting costs. */
import { buildGoChild, type ChildCommand, nodeChild } from './child/command.js';
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
  const { min, median, max } = summarize(lags);
  console.log(
    `listen() → running (${child.name}): median ${median.toFixed(1)} ms (${min.toFixed(1)} – ${max.toFixed(1)})`,
  );
}

/** Processor time of this process while it waits for a child that never listens. */
async function costOfWaiting(waited: number): Promise<void> {
  const supervised = new SupervisedSidecar({ name: 'sleep', command: 'sleep', args: ['60'] }, PORT);
  const ready = supervised.start().catch(() => {});
  await new Promise((resolve) => supervised.sidecar.on('spawned', resolve));
  // The first checks load their code.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, waited));
  const { user, system } = process.cpuUsage(before);
  await supervised.stop();
  await ready;
  const perSecond = (user + system) / 1000 / (waited / 1000);
  console.log(`waiting for a child that does not listen: ${perSecond.toFixed(0)} ms of CPU per second`);
}
