import { writeFileSync } from 'node:fs';
import { createSidecar, type Sidecar } from '../../../src/index.js';
import { serverConfig } from '../server-config.js';

// Runs a sidecar while the clock of this process is set forward and back (by libfaketime, which reads FILE), and says
// what happened.

const [file = ''] = process.argv.slice(2);

const STEPS = ['+3600', '-86400', '+31536000', '+0'];

// A process that is killed while it looks at a clock of libfaketime stops it for all: only this one has it.
const own = { process: { env: { LD_PRELOAD: undefined } } };
const sidecar = createSidecar(serverConfig({}, { ...own, http: { port: 0 }, healthCheck: { interval: 50 } }));
await sidecar.start();
const wrongBy: number[] = [];
for (const step of STEPS) {
  writeFileSync(file, step);
  for (let checks = 0; checks < 5; checks += 1) await next(sidecar, 'health-checked');
  wrongBy.push(Math.round((Date.now() - performance.timeOrigin - performance.now()) / 1000));
  if (step === '-86400') {
    process.kill(sidecar.status().pid ?? 0, 'SIGKILL');
    await next(sidecar, 'healthy');
  }
}
console.log(`wrong by: ${JSON.stringify(wrongBy)}`);
console.log(`states: ${JSON.stringify(sidecar.history().map(({ to }) => to))}`);
const times = sidecar.history().map(({ time }) => time);
console.log(`in order: ${times.every((time, index) => time >= (times[index - 1] ?? 0))}`);
await sidecar.stop();
console.log('stopped');

async function next(from: Sidecar, type: 'health-checked' | 'healthy'): Promise<void> {
  await new Promise<void>((resolve) => {
    const detach = from.on(type, () => {
      detach();
      resolve();
    });
  });
}
