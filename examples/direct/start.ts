import { createInterface } from 'node:readline';
import { createSidecar } from 'sidecar-machine';
import config from './sidecar.config.js';

const sidecar = createSidecar(config);
await sidecar.start();
console.log('Type a line for its checksum, reload (after a change of checksum.c), or Ctrl-D to end.');

for await (const line of createInterface({ input: process.stdin })) {
  try {
    if (line === 'reload') await sidecar.reload();
    else console.log(checksum(line));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}
await sidecar.stop();

function checksum(text: string): string {
  const bytes = Buffer.from(text);
  // A few bytes at once; what takes long belongs on a thread: sidecar.callAsync().
  return Number(sidecar.call('checksum', bytes, bytes.length))
    .toString(16)
    .padStart(8, '0');
}
