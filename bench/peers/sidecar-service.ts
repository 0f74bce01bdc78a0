import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FleetConfig } from 'sidecar-machine';
import { childrenOf, commandOf } from './measured-process.js';
import type { Children, Supervisor } from './supervisor.js';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** `sidecar run`, as built, with what is the default but for the delay and number of restarts. */
export class SidecarService implements Supervisor {
  readonly name = 'sidecar run';
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #command: string;
  #service: ChildProcess | null = null;

  constructor(folder: string, { command, report, count }: Children) {
    this.#folder = folder;
    this.#command = command;
    mkdirSync(folder);
    this.#env = { ...process.env, REPORT: report, XDG_RUNTIME_DIR: folder };
    const config: FleetConfig = {
      intensity: 10_000,
      sidecars: {
        child: {
          http: { host: '127.0.0.1', port: 0 },
          process: { command, restartDelay: 0, maxRestarts: 10_000 },
          instances: count,
        },
      },
    };
    writeFileSync(join(folder, 'sidecar.config.json'), JSON.stringify(config));
  }

  async launch(): Promise<void> {
    // As PM2 does, what is printed goes to a file.
    const log = openSync(join(this.#folder, 'log'), 'a');
    this.#service = spawn(process.execPath, [MAIN, 'run'], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ['ignore', log, log],
    });
    await once(this.#service, 'spawn');
    await this.#tell('wait');
  }

  stopAll(): Promise<void> {
    return this.#tell('stop', 'child');
  }

  startAll(): Promise<void> {
    return this.#tell('start', 'child');
  }

  anyChild(): number {
    const pid = childrenOf(this.#pid).find((each) => commandOf(each).startsWith(this.#command));
    if (pid === undefined) throw new Error('no child runs');
    return pid;
  }

  processes(): readonly number[] {
    const others = childrenOf(this.#pid).filter((each) => !commandOf(each).startsWith(this.#command));
    return [this.#pid, ...others];
  }

  async end(): Promise<void> {
    if (this.#service === null) return;
    const ended = once(this.#service, 'exit');
    this.#service.kill('SIGTERM');
    this.#service = null;
    await ended;
  }

  get #pid(): number {
    const pid = this.#service?.pid;
    if (pid === undefined) throw new Error('the service does not run');
    return pid;
  }

  async #tell(...args: readonly string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [MAIN, ...args], { cwd: this.#folder, env: this.#env });
  }
}
