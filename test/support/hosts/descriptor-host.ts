import { closeSync, openSync } from 'node:fs';
import { createSidecar, type SidecarConfig } from '../../../src/index.js';
import { compilerConfig } from '../compile-config.js';
import { serverConfig } from '../server-config.js';

// Starts a sidecar while this process has hardly a descriptor left, and frees them when that was noticed.
// Arguments: how many are left, and what needs them (`http`, `ipc` with a socket path, or `compile`).

const [left = '0', what = '', socketPath = ''] = process.argv.slice(2);
const patient = { process: { maxRestarts: 50, restartDelay: 50 } };
const configs: Record<string, () => SidecarConfig> = {
  http: () => serverConfig({}, patient),
  ipc: () => serverConfig({}, { ...patient, transport: 'ipc', ipc: { socketPath } }),
  compile: () => compilerConfig(['--lines=1']),
};
const makeConfig = configs[what];
if (makeConfig === undefined) throw new Error(`what is ${what}?`);

// Everything that is loaded on demand, loaded now.
const quiet = createSidecar(makeConfig());
await quiet.start();
await quiet.stop();

const descriptors = useUpDescriptors();
for (const descriptor of descriptors.splice(0, Number(left))) closeSync(descriptor);
const free = () => {
  for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
};

const sidecar = createSidecar(makeConfig());
sidecar.on('restart-scheduled', ({ cause }) => {
  free();
  console.log(`cause: ${JSON.stringify(cause)}`);
});
sidecar.on('compile-failed', ({ failure }) => {
  free();
  console.log(`cause: ${JSON.stringify(failure)}`);
});
await sidecar.start().catch(() => sidecar.start());
console.log(`state: ${sidecar.status().state}`);
await sidecar.stop();
console.log(`state at the end: ${sidecar.status().state}`);

function useUpDescriptors(): number[] {
  const used: number[] = [];
  try {
    for (;;) used.push(openSync('/dev/null', 'r'));
  } catch {
    return used;
  }
}
