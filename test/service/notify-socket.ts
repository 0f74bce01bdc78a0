import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { eventually, within } from '../support/within.js';

/** What systemd does with `NOTIFY_SOCKET`: Node.js has no datagram sockets of the Unix domain. */
const RECEIVER = `
import json, socket, sys
address = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind('\\0' + address[1:] if address[0] == '@' else address)
print(json.dumps('bound'), flush=True)
while True:
    print(json.dumps(receiver.recv(4096).decode()), flush=True)
`;

/** Whether there is what it takes. */
export function canReceive(): boolean {
  return ['python3', 'systemd-notify'].every((program) => spawnSync(program, ['--version']).status === 0);
}

/** A socket as systemd's, and what arrives there. */
export class NotifySocket {
  readonly #received: string[] = [];

  private constructor(readonly address: string) {}

  /** @param address a path, or `@` and a name that is not in the file system */
  static async open(address: string): Promise<NotifySocket> {
    const socket = new NotifySocket(address);
    const receiver = spawn('python3', ['-c', RECEIVER, address], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void receiver.kill('SIGKILL'));
    const lines = createInterface({ input: receiver.stdout });
    await within(once(lines, 'line'), () => 'the receiver to listen');
    lines.on('line', (line) => socket.#received.push(...String(JSON.parse(line)).trim().split('\n')));
    return socket;
  }

  /** The assignments that arrived, in their order. */
  get received(): readonly string[] {
    return this.#received.filter((each) => each !== 'BARRIER=1');
  }

  count(assignment: string): number {
    return this.received.filter((each) => each === assignment).length;
  }

  arrived(assignment: string): Promise<void> {
    return eventually(() => this.received.includes(assignment), `${assignment} in ${this.received}`);
  }
}
