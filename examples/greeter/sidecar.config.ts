import { fileURLToPath } from 'node:url';
import { defineConfig } from 'sidecar-machine';

const here = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  name: 'greeter',
  // Port 0: each incarnation gets a free port of its own, in the environment variable PORT.
  http: { port: 0, host: '127.0.0.1' },
  compile: {
    command: 'tsc',
    args: ['-p', '.'],
    cwd: here,
    inputs: ['src/**/*.ts', 'tsconfig.json'],
    outputs: ['build/server.js'],
  },
  process: {
    command: process.execPath,
    args: ['build/server.js'],
    cwd: here,
    restartDelay: 500,
    stopTimeout: 6000,
  },
  // Short intervals, so that what you try shows within seconds.
  healthCheck: { interval: 2000, timeout: 1000, degradedTimeout: 4000 },
  resources: { maxMemoryMB: 256, interval: 1000 },
});
