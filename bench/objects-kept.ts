/**
 * What stays on the heap of a host for each crash of a sidecar. Two snapshots of the heap, with many crashes between
 * them, are compared by kind of object: the size of the heap alone does not tell a leak from the machine code that V8 goes
 * on compiling, which is counted apart. The totals of the first snapshot are among what is found in the second, some 300
 * objects; and the table of a WeakMap is as large as it was when most of it was garbage.
 *
 *   npx tsx bench/objects-kept.ts [CRASHES]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import { createSidecar } from './built.js';
import { buildGoChild } from './child/command.js';

/** The records that are kept, the caches and the buffers are full after these. */
const WARM_UP = 2000;
const CRASHES = Number(process.argv[2] ?? 2000);
/** Connections, timers and samples of the last process end within this, in milliseconds. */
const SETTLING = 2000;

const heapSnapshot = z.object({
  snapshot: z.object({
    meta: z.object({ node_fields: z.array(z.string()), node_types: z.array(z.unknown()) }),
  }),
  nodes: z.array(z.number()),
  strings: z.array(z.string()),
});

interface Total {
  readonly count: number;
  readonly bytes: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const folder = mkdtempSync(join(tmpdir(), 'sidecar-bench-'));
const { command } = buildGoChild();
const sidecar = createSidecar({
  http: { port: 0 },
  process: { command, restartDelay: 1, maxRestartDelay: 1, maxRestarts: 10_000, restartWindow: 1000 },
  stateDirectory: join(folder, 'state'),
});
await sidecar.start();
await crash(WARM_UP);
const before = await objects();
await crash(CRASHES);
const after = await objects();
await sidecar[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });
report();

async function crash(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const healthy = new Promise<void>((resolve) => {
      const detach = sidecar.on('healthy', () => {
        detach();
        resolve();
      });
    });
    process.kill(sidecar.status().pid ?? 0, 'SIGKILL');
    await healthy;
    await (await sidecar.fetch('/health')).arrayBuffer();
  }
}

/** What is on the heap now, which is collected first, by kind. */
async function objects(): Promise<Map<string, Total>> {
  await wait(SETTLING);
  // Finalizers run after a collection: undici has one for each answer.
  for (let time = 0; time < 3; time += 1) {
    collectGarbage();
    await wait(100);
  }
  const file = writeHeapSnapshot(join(folder, 'snapshot.json'));
  const { snapshot, nodes, strings } = heapSnapshot.parse(JSON.parse(readFileSync(file, 'utf8')));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const kinds = z.array(z.string()).parse(types[fields.indexOf('type')]);
  const totals = new Map<string, Total>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const field = (name: string) => nodes[at + fields.indexOf(name)] ?? 0;
    const kind = nameOf(kinds[field('type')] ?? '', strings[field('name')] ?? '');
    const { count, bytes } = totals.get(kind) ?? { count: 0, bytes: 0 };
    totals.set(kind, { count: count + 1, bytes: bytes + field('self_size') });
  }
  return totals;
}

function nameOf(type: string, name: string): string {
  if (isOfTheEngine(type)) return 'machine code and what V8 keeps about it';
  return type === 'object' ? name : type;
}

function isOfTheEngine(type: string): boolean {
  return ['code', 'hidden', 'object shape', 'synthetic'].includes(type);
}

function report(): void {
  const rows = [...after].map(([kind, { count, bytes }]) => {
    const earlier = before.get(kind) ?? { count: 0, bytes: 0 };
    return { kind, count: count - earlier.count, bytes: bytes - earlier.bytes };
  });
  const grown = rows.filter(({ bytes }) => bytes > 0).toSorted((left, right) => right.bytes - left.bytes);
  console.log(`More on the heap after ${CRASHES} crashes:`);
  console.table(grown.slice(0, 10));
  const kept = rows.filter(({ kind }) => !kind.startsWith('machine code'));
  const count = kept.reduce((sum, each) => sum + each.count, 0);
  console.log(`${(count / CRASHES).toFixed(2)} objects more for each crash.`);
}
