import { createSidecar } from '../../../src/index.js';
import { serverConfig } from '../server-config.js';

// Runs a sidecar that prints BYTES without a newline, and says by how much this process grew meanwhile.

const bytes = Number(process.argv[2]);

// One without a flood first: what every sidecar needs once is not growth.
const quiet = createSidecar(serverConfig());
await quiet.start();
await quiet.stop();

const before = process.memoryUsage.rss();
let highest = before;
let received = 0;
const sidecar = createSidecar(serverConfig({ flood: bytes }));
const everythingRead = new Promise<void>((resolve) => {
  sidecar.on('output', ({ line }) => {
    received += line.length;
    if (line === 'flooded') resolve();
  });
});
const timer = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss());
}, 5);
await sidecar.start();
await everythingRead;
clearInterval(timer);
console.log(`state: ${sidecar.status().state}`);
await sidecar.stop();
console.log(`tail: ${JSON.stringify(sidecar.actor.getSnapshot().context.lastExit?.tail).length}`);
console.log(`result: ${JSON.stringify({ received, grownMB: (highest - before) / 1024 / 1024 })}`);
