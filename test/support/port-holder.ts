import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { within } from './within.js';

/** A process of somebody else that listens where a sidecar wants to. */
export interface Holder {
  readonly pid: number;
  readonly port: number;
  /** Ends it; resolves once it is gone. */
  end(): Promise<void>;
}

/** Listens on a TCP address in a process of its own; port 0 picks one. */
export function holdPort(host: string, port = 0): Promise<Holder> {
  return hold(`{ host: ${JSON.stringify(host)}, port: ${port} }`);
}

/** Listens on a Unix socket in a process of its own. */
export function holdSocket(socketPath: string): Promise<Holder> {
  return hold(`{ path: ${JSON.stringify(socketPath)} }`);
}

async function hold(options: string): Promise<Holder> {
  const script = `const server = require('node:net').createServer();
    server.on('error', (error) => { console.log(error.code); process.exit(1); });
    server.listen(${options}, () => console.log(server.address().port ?? 0));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(end);
  const line = await within(firstLine(child), () => 'a holder of a port');
  if (!/^\d+$/.test(line)) throw new Error(`the holder could not listen: ${line}`);
  return { pid: child.pid ?? 0, port: Number(line), end };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('its output is not read');
  const lines = createInterface({ input: stdout });
  const [line] = await once(lines, 'line');
  return String(line);
}
