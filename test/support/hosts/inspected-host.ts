import { createSidecar } from '../../../src/index.js';
import { serverConfig } from '../server-config.js';

// Runs a sidecar that is shown, and ends by itself once that is stopped, whoever looks on.

const [, , lazy] = process.argv;
const sidecar = createSidecar(
  serverConfig({}, { name: 'shown', stateDirectory: null, inspect: true, lazy: lazy === 'lazy' }),
);
if (lazy === 'lazy') await (await sidecar.fetch('/health')).text();
else await sidecar.start();
console.log('running');
