import { createSidecar } from '../../../src/index.js';
import { compilerConfig } from '../compile-config.js';

// Compiles with the given arguments, and says how that failed and by how much this process grew meanwhile.

// One that ends well first: what every compilation needs once is not growth.
const quiet = createSidecar(compilerConfig(['--lines=1']));
await quiet.start();
await quiet.stop();

const before = process.memoryUsage.rss();
let highest = before;
const sidecar = createSidecar(compilerConfig(process.argv.slice(2)));
sidecar.on('output', () => {
  highest = Math.max(highest, process.memoryUsage.rss());
});
sidecar.on('compile-failed', ({ failure: { kind, exitCode, tail } }) => {
  highest = Math.max(highest, process.memoryUsage.rss());
  const tailLength = JSON.stringify(tail.map((line) => line.length)).length + tail.join('').length;
  console.log(
    `result: ${JSON.stringify({ kind, exitCode, tailLength, grownMB: (highest - before) / 1024 / 1024 })}`,
  );
});
await sidecar.start().catch(() => {});
