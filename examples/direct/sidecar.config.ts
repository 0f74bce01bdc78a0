import { fileURLToPath } from 'node:url';
import { defineConfig } from 'sidecar-machine';

const here = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  name: 'checksum',
  transport: 'direct',
  direct: {
    functions: { checksum: 'uint32_t checksum(const uint8_t *bytes, size_t length)' },
    health: 'self_test',
  },
  compile: {
    command: 'mkdir -p build && cc -O2 -shared -fPIC -o build/libchecksum.so checksum.c',
    shell: true,
    cwd: here,
    inputs: ['checksum.c'],
    outputs: ['build/libchecksum.so'],
  },
  process: { command: 'build/libchecksum.so', cwd: here },
});
