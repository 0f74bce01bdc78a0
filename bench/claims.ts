/**
 * What the design that this package began with claims for its three transports, beside what they do here: latency of one
 * call after another, and calls a second with as many at a time as serve best. The Go greeter over a Unix socket and
 * over TCP, and the same function in a shared library, in Go and in C, which is called in this process.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSidecar } from './built.js';
import { buildGreeter } from './child/command.js';
import { summarize } from './statistics.js';

const ROUNDS = 9;
const SEQUENTIAL = 1000;
const CONCURRENT = 5000;
/** A call into Go enters its runtime, which here takes a thousand times as long as the call itself. */
const CALLS = { Go: 1000, C: 200_000 };
const WIDTHS = [16, 64, 256];

const C_LIBRARY = `#include <string.h>
int greeting_length(const char *name) { return (int)(strlen("Hello, ") + strlen(name)); }
`;

const GO_LIBRARY = `package main

import "C"

//export greeting_length
func greeting_length(name *C.char) C.int { return C.int(len("Hello, " + C.GoString(name))) }

func main() {}
`;

const folder = mkdtempSync(join(tmpdir(), 'sidecar-bench-'));
const command = buildGreeter(folder);
await measureRequests('IPC', 'ipc', ['-socket', '{socketPath}'], '0.2 ms, 100,000 a second');
await measureRequests('HTTP', 'http', ['-host', '{host}', '-port', '{port}'], '2 ms, 10,000 a second');
await measureCalls('C', '0.1 ms, 500,000 a second');
await measureCalls('Go', '0.1 ms, 500,000 a second');
rmSync(folder, { recursive: true });

async function measureRequests(
  name: string,
  transport: 'http' | 'ipc',
  args: readonly string[],
  claimed: string,
) {
  const sidecar = createSidecar({
    transport,
    http: { host: '127.0.0.1', port: 0 },
    ipc: { socketPath: join(folder, 'greeter.sock') },
    process: { command, args: [...args] },
    client: { connections: Math.max(...WIDTHS) },
  });
  await sidecar.start();
  const greet = async () => {
    const { body } = await sidecar.request({ path: '/greet?name=Ada' });
    await body.dump();
  };
  await at(64, CONCURRENT, greet);
  const latencies: number[] = [];
  const rates = new Map<number, number[]>(WIDTHS.map((width) => [width, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    latencies.push((await at(1, SEQUENTIAL, greet)) / SEQUENTIAL);
    for (const [width, found] of rates)
      found.push(CONCURRENT / ((await at(width, CONCURRENT, greet)) / 1000));
  }
  await sidecar.stop();
  const best = Math.max(...[...rates.values()].map((found) => summarize(found).median));
  tell(name, claimed, `${summarize(latencies).median.toFixed(3)} ms`, best);
}

async function measureCalls(language: 'Go' | 'C', claimed: string) {
  const library = join(folder, `greeting-${language}.so`);
  compileLibrary(language, library);
  const sidecar = createSidecar({
    transport: 'direct',
    direct: { functions: { greeting_length: 'int greeting_length(const char *name)' } },
    process: { command: library },
  });
  await sidecar.start();
  const calls = CALLS[language];
  const durations: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const before = performance.now();
    for (let call = 0; call < calls; call += 1) sidecar.call('greeting_length', 'Ada');
    // The first round warms up.
    if (round >= 0) durations.push((performance.now() - before) / calls);
  }
  await sidecar.stop();
  const { median } = summarize(durations);
  tell(`direct, ${language}`, claimed, `${(median * 1000).toFixed(2)} µs`, 1000 / median);
}

function compileLibrary(language: 'Go' | 'C', library: string): void {
  const source = join(folder, language === 'Go' ? 'greeting.go' : 'greeting.c');
  writeFileSync(source, language === 'Go' ? GO_LIBRARY : C_LIBRARY);
  if (language === 'Go') execFileSync('go', ['build', '-buildmode=c-shared', '-o', library, source]);
  else execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source]);
}

/** How long so many take, so many at a time, in milliseconds. */
async function at(width: number, count: number, send: () => Promise<void>): Promise<number> {
  const before = performance.now();
  let left = count;
  const line = async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  };
  await Promise.all(Array.from({ length: width }, line));
  return performance.now() - before;
}

function tell(name: string, claimed: string, latency: string, rate: number): void {
  console.log(`${name}: ${latency}, ${Math.round(rate)} a second; claimed: ${claimed}`);
}
