import { fileURLToPath } from 'node:url';
import { defineConfig } from 'sidecar-machine';

const here = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  name: 'greeter-go',
  http: { port: 0, host: '127.0.0.1' },
  compile: {
    command: 'go',
    args: ['build', '-o', 'build/greeter-go', '.'],
    cwd: here,
    inputs: ['*.go', 'go.mod'],
    outputs: ['build/greeter-go'],
  },
  process: {
    command: './build/greeter-go',
    args: ['-host', '{host}', '-port', '{port}'],
    cwd: here,
    restartDelay: 500,
    stopTimeout: 6000,
  },
  healthCheck: { interval: 2000, timeout: 1000, degradedTimeout: 4000 },
  resources: { maxMemoryMB: 256, interval: 1000 },
});
