import { createSidecar, explainExit } from '../../../src/index.js';
import { serverConfig } from '../server-config.js';

// Runs a sidecar that takes more and more memory, and says how it ended.

const sidecar = createSidecar(serverConfig({}, { process: { autoRestart: false } }));
sidecar.on('process-death', (exit) => {
  console.log(`death: ${JSON.stringify(exit)}`);
  console.log(`words: ${explainExit(exit)}`);
});
await sidecar.start();
console.log(`pid: ${sidecar.status().pid}`);
// It dies before it answers.
await sidecar.fetch('/control?leakMB=3000').catch((error: Error) => console.log(`failed: ${error.message}`));
await sidecar.stop();
console.log('stopped: yes');
