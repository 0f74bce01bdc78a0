/** Anonymous memory of the host for each further sidecar, and what a pass of samples over all of them costs. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BareLoop } from './bare-loop.js';
import { buildGoChild } from './child/command.js';
import { SupervisedSidecar } from './supervised.js';

const FIRST_PORT = 24_000;
/** Enough that what every first sidecar needs is there. */
const FEW = 50;
const MANY = 200;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const child = buildGoChild();

if (process.argv[2] === 'bare') {
  await measure('bare spawn with piped output', (index) => new BareLoop(child, FIRST_PORT + index));
} else {
  await measure('sidecar-machine', (index) => new SupervisedSidecar(child, FIRST_PORT + index));
}
process.exit(0);

async function measure(name: string, make: (index: number) => { start(): Promise<void> }): Promise<void> {
  const kept = await startUpTo(0, FEW, make);
  const few = await anonymousKiB();
  kept.push(...(await startUpTo(FEW, FEW + MANY, make)));
  const many = await anonymousKiB();
  console.log(
    `${name}: ${((many - few) / MANY).toFixed(0)} KiB of anonymous memory for each of ${MANY} further ones`,
  );
}

async function startUpTo(from: number, to: number, make: (index: number) => { start(): Promise<void> }) {
  const made = Array.from({ length: to - from }, (_, index) => make(from + index));
  for (const each of made) await each.start();
  return made;
}

async function anonymousKiB(): Promise<number> {
  // What starting left behind is not what keeping costs.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  collectGarbage();
  collectGarbage();
  const [, kib = '0'] =
    /^Anonymous:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'latin1')) ?? [];
  return Number(kib);
}
