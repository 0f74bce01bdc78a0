import { execFile } from 'node:child_process';
import { errorCode } from '../os/error-code.js';

/** How long systemd may take to read one message, in milliseconds. */
const PATIENCE = 5000;

/** Where the service manager that started this process listens, and how often it wants to hear that this process lives. */
export interface ManagerAddress {
  /** A path, or `@` and a name that is not in the file system. */
  readonly socket: string;
  /** In milliseconds; null when it does not ask. */
  readonly watchdog: number | null;
}

/**
 * Takes it out of the environment: what is run inherits that, and must not be able to speak for this process.
 *
 * @returns null when no service manager listens
 */
export function takeManagerAddress(environment: NodeJS.ProcessEnv, pid: number): ManagerAddress | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  if (socket === undefined || !/^[/@]./.test(socket)) return null;
  const isWatched = watched === undefined || Number(watched) === pid;
  const watchdog = isWatched && /^[1-9]\d*$/.test(microseconds ?? '') ? Number(microseconds) / 1000 : null;
  return { socket, watchdog };
}

/**
 * Tells systemd how it goes, as sd_notify(3) has it. Node.js has no datagram sockets of the Unix domain, so each message is sent by
 * the command `systemd-notify`, one after the other.
 */
export class ServiceManager {
  readonly #socket: string;
  readonly #onTrouble: (message: string) => void;
  #last: Promise<void> = Promise.resolve();
  #status = '';
  #isStatusWaiting = false;
  #isAliveWaiting = false;
  #isStopping = false;
  #hasTrouble = false;
  readonly #watchdog: NodeJS.Timeout | undefined;

  /** @param onTrouble told once, when it can't be spoken to */
  constructor({ socket, watchdog }: ManagerAddress, onTrouble: (message: string) => void) {
    this.#socket = socket;
    this.#onTrouble = onTrouble;
    if (watchdog === null) return;
    this.#alive();
    // Half of it, as sd_watchdog_enabled(3) recommends.
    this.#watchdog = setInterval(() => this.#alive(), watchdog / 2).unref();
  }

  /** All that is wanted runs. */
  ready(): void {
    this.#send(() => ['READY=1']);
  }

  /** It ends. */
  stopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#send(() => ['STOPPING=1']);
  }

  /** In words. While one waits to be sent, only the last counts. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    if (this.#isStatusWaiting) return;
    this.#isStatusWaiting = true;
    this.#send(() => {
      this.#isStatusWaiting = false;
      return [`STATUS=${this.#status}`];
    });
  }

  /** Takes over a new configuration, and tells when that begins and that it has ended, however it did. */
  async whileReloading<Value>(reload: () => Promise<Value>): Promise<Value> {
    // The same clock as CLOCK_MONOTONIC, on Linux.
    const microseconds = process.hrtime.bigint() / 1000n;
    this.#send(() => ['RELOADING=1', `MONOTONIC_USEC=${microseconds}`]);
    try {
      return await reload();
    } finally {
      this.ready();
    }
  }

  /** Resolves once all is told. */
  async close(): Promise<void> {
    clearInterval(this.#watchdog);
    await this.#last;
  }

  #alive(): void {
    if (this.#isAliveWaiting) return;
    this.#isAliveWaiting = true;
    this.#send(() => {
      this.#isAliveWaiting = false;
      return ['WATCHDOG=1'];
    });
  }

  /** @param message made when it is its turn */
  #send(message: () => readonly string[]): void {
    this.#last = this.#last.then(() => this.#run(message()));
  }

  /** It waits until systemd has read it, which otherwise might not know whose process that was. */
  #run(message: readonly string[]): Promise<void> {
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: this.#socket };
    return new Promise((resolve) => {
      execFile('systemd-notify', message, { env, timeout: PATIENCE }, (error) => {
        if (error !== null) this.#complain(error);
        resolve();
      });
    });
  }

  #complain(error: Error): void {
    if (this.#hasTrouble) return;
    this.#hasTrouble = true;
    this.#onTrouble(
      errorCode(error) === 'ENOENT'
        ? 'the command systemd-notify is not there: systemd is not told how it goes'
        : `systemd can't be told how it goes: ${error.message.trim()}`,
    );
  }
}
