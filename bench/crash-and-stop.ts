/** Crash recovery and stop, beside a bare spawn → 'exit' → respawn loop, in pairs in one run. */
import { BareLoop } from './bare-loop.js';
import { buildGoChild, type ChildCommand, nodeChild } from './child/command.js';
import { medianRatio, summarize } from './statistics.js';
import { type Supervised, SupervisedSidecar } from './supervised.js';

const now = () => performance.timeOrigin + performance.now();
const FIRST_PORT = 21_000;

// A hundred processes of Node.js take five seconds to start.
for (const [child, pairs] of [[buildGoChild(), 30] as const, [nodeChild, 5] as const]) {
  await crashOfOne(child, 40);
  await crashOfMany(child, 100, pairs);
  await stopOfMany(child, 100, 5);
}

async function crashOfOne(child: ChildCommand, runs: number): Promise<void> {
  const bare = new BareLoop(child, FIRST_PORT);
  const sidecar = new SupervisedSidecar(child, FIRST_PORT + 1);
  await Promise.all([bare.start(), sidecar.start()]);
  const times = await inPairs(
    runs,
    () => recovery([sidecar]),
    () => recovery([bare]),
  );
  print(`crash of 1 → listening (${child.name})`, times);
  await Promise.all([bare.stop(), sidecar.stop()]);
}

async function crashOfMany(child: ChildCommand, count: number, runs: number): Promise<void> {
  const { bare, sidecars } = await startMany(child, count);
  const times = await inPairs(
    runs,
    () => recovery(sidecars),
    () => recovery(bare),
  );
  print(`crash of ${count} → last one listening (${child.name})`, times);
  await Promise.all([...bare, ...sidecars].map((each) => each.stop()));
}

async function stopOfMany(child: ChildCommand, count: number, runs: number): Promise<void> {
  const times: Times = { ours: [], theirs: [] };
  for (let run = 0; run < runs; run += 1) {
    const { bare, sidecars } = await startMany(child, count);
    times.ours.push(await stopAll(sidecars));
    times.theirs.push(await stopAll(bare));
  }
  print(`stop of ${count} (${child.name})`, times);
}

async function startMany(child: ChildCommand, count: number) {
  const bare = Array.from({ length: count }, (_, index) => new BareLoop(child, FIRST_PORT + index));
  const sidecars = Array.from(
    { length: count },
    (_, index) => new SupervisedSidecar(child, FIRST_PORT + count + index),
  );
  await Promise.all([...bare, ...sidecars].map((each) => each.start()));
  return { bare, sidecars };
}

/** From the kill to the moment at which the last of the new children listens. */
async function recovery(all: readonly Supervised[]): Promise<number> {
  const listening = Promise.all(all.map((each) => each.nextListening()));
  const killedAt = now();
  for (const each of all) each.crash();
  const recovered = Math.max(...(await listening)) - killedAt;
  await settled(all);
  return recovered;
}

async function stopAll(all: readonly Supervised[]): Promise<number> {
  const startedAt = now();
  await Promise.all(all.map((each) => each.stop()));
  return now() - startedAt;
}

/** The next crash must find every child up: a sidecar is, once it is running. */
async function settled(all: readonly Supervised[]): Promise<void> {
  await Promise.all(all.map((each) => (each instanceof SupervisedSidecar ? each.start() : undefined)));
}

interface Times {
  readonly ours: number[];
  readonly theirs: number[];
}

async function inPairs(
  runs: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Times> {
  const times: Times = { ours: [], theirs: [] };
  await ours();
  await theirs();
  for (let run = 0; run < runs; run += 1) {
    times.ours.push(await ours());
    times.theirs.push(await theirs());
  }
  return times;
}

function print(title: string, { ours, theirs }: Times): void {
  const [us, bare] = [summarize(ours), summarize(theirs)];
  const figures = (label: string, { min, median, max }: typeof us) =>
    `${label} ${median.toFixed(1)} ms (${min.toFixed(1)} – ${max.toFixed(1)})`;
  console.log(`${title}: ratio ${medianRatio(ours, theirs).toFixed(2)} (median of ${us.runs} pairs)`);
  console.log(`  ${figures('sidecar-machine', us)}, ${figures('bare loop', bare)}`);
}
