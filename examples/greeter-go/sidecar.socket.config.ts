import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'sidecar-machine';
import overTcp from './sidecar.config.js';

export default defineConfig({
  ...overTcp,
  name: 'greeter-go-socket',
  transport: 'ipc',
  // In the temporary folder because a socket path holds only 103 bytes.
  ipc: { socketPath: join(tmpdir(), 'greeter-go.sock'), permissions: 0o600 },
  process: { ...overTcp.process, args: ['-socket', '{socketPath}'] },
});
