import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { delimiter } from 'node:path';
import type { Writable } from 'node:stream';
import { startTimeOf } from '../os/process-identity.js';
import { uniqueId } from '../os/unique-id.js';
import { WATCHDOG_SCRIPT } from './watchdog-script.js';

/** A restart is not to wait for another watchdog, in milliseconds. */
const LINGER = 5000;

/** How long strays are waited for, so that one look at all processes finds those of several sidecars. */
const GATHER = 200;

/** How long a stray has between SIGTERM and SIGKILL, in milliseconds. */
const STRAY_GRACE = 2000;

/** It is replaced this often at once; then, if that did not help, after a pause, in milliseconds. */
const REPLACEMENTS = { atOnce: 5, pause: 1000 };

/** So many marks are announced at once: a message wakes the shell, and that right before a process is started. */
const AHEAD = 16;

/** What the watchdog was told of one process. */
interface Slot {
  readonly mark: string;
  pid: number | null;
  startTime: string;
}

/** A mark that is announced, and what its process is called from then on. */
export interface AnnouncedMark {
  readonly slot: number;
  readonly mark: string;
}

/** Told why nobody will end the processes of this host when it is killed. */
export type OnUnprotected = (reason: string) => void;

/**
 * One shell beside this host, which kills what the host has started when the host is gone, however it went. It is in a
 * session of its own, and holds the other end of a pipe that nobody but the host can close. It is started when
 * it is first needed, replaced when it dies, and ended a little after nothing is left to watch.
 */
export class Watchdog {
  readonly #slots = new Map<number, Slot>();
  /** Numbers below the highest that are not in use. */
  readonly #free: number[] = [];
  /** Announced, and given to nobody yet. */
  readonly #ready: AnnouncedMark[] = [];
  readonly #strays = new Set<number>();
  readonly #listeners = new Set<OnUnprotected>();
  #child: ChildProcess | null = null;
  #input: Writable | null = null;
  #replacements = 0;
  readonly #linger: number;
  readonly #shell: string;
  #lingering: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;

  /** @param linger how long it stays when there is nothing to watch, in milliseconds */
  constructor(linger = LINGER, shell = '/bin/sh') {
    this.#linger = linger;
    this.#shell = shell;
  }

  /** The pid of the shell of the moment; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Told once when it can't do its work; returns the function that ends that. */
  onUnprotected(listener: OnUnprotected): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A process that is about to be started has to have this mark in its environment. */
  take(): AnnouncedMark {
    clearTimeout(this.#lingering);
    const taken = this.#ready.pop() ?? this.#announce();
    // A new one is told of everything there is.
    if (this.#child === null) this.#start();
    return taken;
  }

  /** It was started, and leads a group. To be called in the same turn, while its pid can't be another's. */
  protect(slot: number, pid: number): void {
    const watched = this.#slots.get(slot);
    if (watched === undefined) return;
    watched.pid = pid;
    watched.startTime = startTimeOf(pid) ?? '-';
    this.#tell(`= ${slot} ${pid} ${watched.startTime}`);
  }

  /** Its group is gone. What left it is asked to end, a little later, and then killed. */
  endStrays(slot: number): void {
    const watched = this.#slots.get(slot);
    if (watched === undefined) return;
    watched.pid = null;
    this.#strays.add(slot);
    this.#gathering ??= after(GATHER, () => {
      this.#gathering = undefined;
      const gathered = [...this.#strays];
      this.#strays.clear();
      this.#tell(`! TERM ${gathered.join(' ')}`);
      after(STRAY_GRACE, () => {
        this.#tell(`! KILL ${gathered.join(' ')}`);
        this.release(...gathered);
      });
    });
  }

  /** Nothing of them is left that would have to be ended. */
  release(...slots: readonly number[]): void {
    const released = slots.filter((slot) => this.#slots.delete(slot));
    if (released.length === 0) return;
    this.#free.push(...released);
    this.#tell(...released.map((slot) => `- ${slot}`));
    if (this.#isNeeded) return;
    this.#takeBack();
    clearTimeout(this.#lingering);
    this.#lingering = after(this.#linger, () => this.#end());
  }

  get #isNeeded(): boolean {
    return this.#slots.size > this.#ready.length;
  }

  /** Several, of which one is for now. */
  #announce(): AnnouncedMark {
    const announced = Array.from({ length: AHEAD }, () => {
      const slot = this.#free.pop() ?? this.#slots.size + 1;
      const mark = uniqueId();
      this.#slots.set(slot, { mark, pid: null, startTime: '-' });
      return { slot, mark };
    });
    this.#tell(...announced.map(({ slot, mark }) => `+ ${slot} ${mark}`));
    const [first, ...others] = announced;
    if (first === undefined) throw new Error('none was announced');
    this.#ready.push(...others);
    return first;
  }

  /** Should the host end now, there is nothing to look for. */
  #takeBack(): void {
    const unused = this.#ready.splice(0).map(({ slot }) => slot);
    if (unused.length === 0) return;
    for (const slot of unused) this.#slots.delete(slot);
    this.#free.push(...unused);
    this.#tell(...unused.map((slot) => `- ${slot}`));
  }

  #start(): void {
    let child: ChildProcess;
    try {
      child = spawn(
        this.#shell,
        ['-c', 'eval "$WATCHDOG"', 'sidecar-machine-watchdog', String(process.pid)],
        {
          cwd: '/',
          // Nothing of the host's: the mark of a host that is a sidecar itself would make this one its prey.
          env: { PATH: pathOfTools(), LC_ALL: 'C', WATCHDOG: WATCHDOG_SCRIPT },
          detached: true,
          stdio: ['pipe', 'ignore', 'ignore'],
        },
      );
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#child = child;
    this.#input = child.stdin;
    child.once('error', (error) => this.#lost(child, error));
    child.once('exit', () => this.#lost(child, null));
    // There is none when no descriptor was left for it.
    child.stdin?.on('error', () => {
      // It has died, and is replaced when its exit is told.
    });
    // It must not keep the host alive, for whose end it waits.
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    for (const [slot, { mark, pid, startTime }] of this.#slots) {
      this.#tell(`+ ${slot} ${mark}`);
      if (pid !== null) this.#tell(`= ${slot} ${pid} ${startTime}`);
    }
  }

  #tell(...lines: readonly string[]): void {
    this.#input?.write(`${lines.join('\n')}\n`);
  }

  #lost(child: ChildProcess, error: Error | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#input = null;
    if (!this.#isNeeded) return;
    if (error !== null) {
      this.#failed(error);
      return;
    }
    this.#replacements += 1;
    if (this.#replacements <= REPLACEMENTS.atOnce) this.#start();
    else this.#startLater();
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const listeners = [...this.#listeners];
    // Once each, however often it is tried again.
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
    this.#startLater();
  }

  #startLater(): void {
    after(REPLACEMENTS.pause, () => {
      this.#replacements = 0;
      if (this.#child === null && this.#isNeeded) this.#start();
    });
  }

  #end(): void {
    if (this.#isNeeded) return;
    const input = this.#input;
    this.#child = null;
    this.#input = null;
    this.#replacements = 0;
    input?.end();
  }
}

/** Where grep, sleep and ps are, also when the host was given an odd PATH. */
function pathOfTools(): string {
  return [process.env['PATH'] ?? '', '/usr/bin', '/bin'].filter(Boolean).join(delimiter);
}

/** A timer that does not keep the host alive. */
function after(delay: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, delay).unref();
}
