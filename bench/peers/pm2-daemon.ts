import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childrenOf, commandOf } from './measured-process.js';
import type { Children, Supervisor } from './supervisor.js';

const PM2 = createRequire(import.meta.url).resolve('pm2/bin/pm2');

/** PM2's daemon, with a home of its own, and what is its default but for the number of restarts. */
export class Pm2Daemon implements Supervisor {
  readonly name = 'PM2';
  readonly #home: string;
  readonly #command: string;

  constructor(folder: string, { command, report, count, firstPort }: Children) {
    this.#home = folder;
    this.#command = command;
    mkdirSync(folder);
    const app = {
      name: 'child',
      script: command,
      interpreter: 'none',
      exec_mode: 'fork',
      instances: count,
      increment_var: 'PORT',
      env: { PORT: firstPort, REPORT: report },
      max_restarts: 10_000,
    };
    writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify({ apps: [app] }));
  }

  launch(): Promise<void> {
    return this.#tell('start', join(this.#home, 'ecosystem.json'));
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
    return [this.#pid];
  }

  end(): Promise<void> {
    return this.#tell('kill');
  }

  get #pid(): number {
    return Number(readFileSync(join(this.#home, 'pm2.pid'), 'utf8'));
  }

  async #tell(...args: readonly string[]): Promise<void> {
    const env = { ...process.env, PM2_HOME: this.#home };
    await promisify(execFile)(process.execPath, [PM2, ...args], { env, maxBuffer: 64 * 1024 * 1024 });
  }
}
