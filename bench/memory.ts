/** What each further sidecar of a host keeps of its memory. */
import { collectGarbage } from '../src/service/spare-memory.js';
import { BareLoop } from './bare-loop.js';
import { buildGoChild } from './child/command.js';
import { SupervisedSidecar } from './supervised.js';

const FIRST_PORT = 24_000;
/** Enough that what every first sidecar needs is there. */
const FEW = 50;
const MANY = 200;

const child = buildGoChild();

if (process.argv[2] === 'bare') {
  await measure('bare spawn with piped output', (index) => new BareLoop(child, FIRST_PORT + index));
} else {
  await measure('sidecar-machine', (index) => new SupervisedSidecar(child, FIRST_PORT + index));
}
process.exit(0);

async function measure(name: string, make: (index: number) => { start(): Promise<void> }): Promise<void> {
  const kept = await startUpTo(0, FEW, make);
  const few = await livingKiB();
  kept.push(...(await startUpTo(FEW, FEW + MANY, make)));
  const many = await livingKiB();
  console.log(
    `${name}: ${((many - few) / MANY).toFixed(0)} KiB of objects and buffers for each of ${MANY} further ones`,
  );
}

async function startUpTo(from: number, to: number, make: (index: number) => { start(): Promise<void> }) {
  const made = Array.from({ length: to - from }, (_, index) => make(from + index));
  for (const each of made) await each.start();
  return made;
}

/** What of the heap and of buffers is in use: how much V8 takes from the system for it depends on when it last gave some back. */
async function livingKiB(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024;
}
