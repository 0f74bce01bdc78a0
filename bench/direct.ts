/** What a guarded call of a function in a shared library adds to a bare call with koffi. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'koffi';
import { createSidecar } from '../src/index.js';
import { medianRatio, summarize } from './statistics.js';

const PAIRS = 40;
const CALLS = 200_000;
const ASYNC_CALLS = 5000;
const PROTOTYPE = 'int add(int a, int b)';

const folder = mkdtempSync(join(tmpdir(), 'sidecar-bench-'));
const path = join(folder, 'libadd.so');
writeFileSync(join(folder, 'add.c'), 'int add(int a, int b) { return a + b; }\n');
execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', path, join(folder, 'add.c')]);

const sidecar = createSidecar({
  transport: 'direct',
  direct: { functions: { add: PROTOTYPE } },
  process: { command: path },
});
await sidecar.start();
const { library } = sidecar.actor.getSnapshot().context.process ?? {};
if (!library) throw new Error('a running sidecar has its library');
const handle = load(path);
const add = handle.func(PROTOTYPE);

await comparePairs(
  'call',
  () => nanosecondsACall(() => add(1, 2)),
  () => nanosecondsACall(() => library.call('add', 1, 2)),
);
await comparePairs(
  'sidecar.call',
  () => nanosecondsACall(() => add(1, 2)),
  () => nanosecondsACall(() => sidecar.call('add', 1, 2)),
);
await comparePairs(
  'callAsync',
  () =>
    nanosecondsAnAsyncCall(
      () =>
        new Promise((resolve, reject) => {
          add.async(1, 2, (error: unknown, sum: unknown) => (error ? reject(error) : resolve(sum)));
        }),
    ),
  () => nanosecondsAnAsyncCall(() => library.callAsync('add', 1, 2)),
);

await sidecar.stop();
handle.unload();
rmSync(folder, { recursive: true });

type Measure = () => number | Promise<number>;

async function comparePairs(name: string, measureBare: Measure, measureOurs: Measure): Promise<void> {
  const bare: number[] = [];
  const ours: number[] = [];
  // The first pair only warms up.
  for (let pair = -1; pair < PAIRS; pair += 1) {
    const figures = [await measureBare(), await measureOurs()] as const;
    if (pair < 0) continue;
    bare.push(figures[0]);
    ours.push(figures[1]);
  }
  const added = summarize(ours.map((figure, pair) => figure - (bare[pair] ?? Number.NaN)));
  console.log(
    `${name}: ${summarize(ours).median.toFixed(0)} ns, bare ${summarize(bare).median.toFixed(0)} ns; ` +
      `adds ${added.median.toFixed(0)} ns (${added.min.toFixed(0)} to ${added.max.toFixed(0)}), ` +
      `ratio ${medianRatio(ours, bare).toFixed(2)} (${PAIRS} pairs)`,
  );
}

function nanosecondsACall(call: () => unknown): number {
  const startedAt = performance.now();
  for (let index = 0; index < CALLS; index += 1) call();
  return ((performance.now() - startedAt) * 1e6) / CALLS;
}

async function nanosecondsAnAsyncCall(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < ASYNC_CALLS; index += 1) await call();
  return ((performance.now() - startedAt) * 1e6) / ASYNC_CALLS;
}
