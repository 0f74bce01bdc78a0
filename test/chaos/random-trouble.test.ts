import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { watchdogPid } from '../../src/orphans/spawn-guard.js';
import { brokenJournal, brokenStory, ledgerAgrees } from '../support/agreement.js';
import { shellConfig } from '../support/server-config.js';
import { type SmallDisk, smallDisk } from '../support/small-disk.js';
import { type WatchedSidecar, watch } from '../support/watched-sidecar.js';
import { eventually, within } from '../support/within.js';

const RUNS = Number(process.env['CHAOS_RUNS'] ?? 25);

/** A program with two children, of which any may be killed. */
const PROGRAM = 'sleep 300 & sleep 300 & echo ready; wait';

type Trouble =
  | { readonly does: 'kill' | 'stop' | 'continue'; readonly victim: 'leader' | 'member' | 'all' }
  | { readonly does: 'steal the port' | 'give the port back' | 'fill the disk' | 'free the disk' }
  | { readonly does: 'kill the watchdog' }
  | { readonly does: 'send'; readonly command: 'START' | 'STOP' | 'RESTART' | 'RELOAD' };

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({
    does: fc.constantFrom('kill', 'stop', 'continue'),
    victim: fc.constantFrom('leader', 'member', 'all'),
  }),
  fc.record({ does: fc.constantFrom('steal the port', 'give the port back') }),
  fc.record({ does: fc.constantFrom('fill the disk', 'free the disk', 'kill the watchdog') }),
  fc.record({
    does: fc.constant('send'),
    command: fc.constantFrom('START', 'STOP', 'RESTART', 'RELOAD'),
  }),
);

const step = fc.record({ trouble, pause: fc.constantFrom(0, 1, 5, 20, 60) });

const SIGNALS = { kill: 'SIGKILL', stop: 'SIGSTOP', continue: 'SIGCONT' } as const;

/** Takes a port while the sidecar does not hold it, as any other program may. */
class Thief {
  #server: Server | null = null;

  /** Does nothing when somebody holds it: the sidecar looks whether it is free by taking it for a moment. */
  async steal(port: number): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer();
    this.#server = await listening(server, port).then(
      () => server,
      () => null,
    );
  }

  async giveBack(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server !== null) await closed(server);
  }
}

async function listening(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server, 0);
  const address = server.address();
  await closed(server);
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

function troubledConfig(port: number, isCompiled: boolean, stateDirectory: string): SidecarConfig {
  return shellConfig(PROGRAM, {
    http: { host: '127.0.0.1', port },
    stateDirectory,
    ...(isCompiled && { compile: { command: 'sh', args: ['-c', 'exit 0'] } }),
    process: { restartDelay: 1, maxRestartDelay: 5, maxRestarts: 10_000 },
    healthCheck: { startup: { type: 'log', pattern: '^ready$' }, liveness: { type: 'process' } },
  });
}

/** Where a run takes place. */
interface Scene {
  readonly watched: WatchedSidecar;
  readonly thief: Thief;
  readonly port: number;
  readonly disk: SmallDisk;
}

async function make({ watched, thief, port, disk }: Scene, what: Trouble): Promise<void> {
  switch (what.does) {
    case 'send':
      return watched.sidecar.actor.send({ type: what.command });
    case 'steal the port':
      return thief.steal(port);
    case 'give the port back':
      return thief.giveBack();
    case 'fill the disk':
      return disk.fill();
    case 'free the disk':
      return disk.free();
    case 'kill the watchdog':
      return killIfAlive(watchdogPid());
    default:
      return signal(watched, what.victim, SIGNALS[what.does]);
  }
}

function signal(watched: WatchedSidecar, victim: 'leader' | 'member' | 'all', name: NodeJS.Signals): void {
  const leader = watched.sidecar.status().pid;
  const pids = watched.processes().map(({ pid }) => pid);
  const members = pids.filter((pid) => pid !== leader);
  const victims = { leader: pids.filter((pid) => pid === leader), member: members.slice(-1), all: pids };
  for (const pid of victims[victim]) sendIfAlive(pid, name);
}

function killIfAlive(pid: number | null): void {
  if (pid !== null) sendIfAlive(pid, 'SIGKILL');
}

function sendIfAlive(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended since it was looked up.
  }
}

/**
 * The end of a process that was killed a moment ago may not be known yet, and the ledger is written beside what it tells
 * of, so it is waited for.
 */
async function expectLedgerAgrees({ sidecar }: WatchedSidecar, stateDirectory: string): Promise<void> {
  await eventually(() => ledgerAgrees(sidecar, stateDirectory), 'state, ledger and process table to agree');
}

describe('random trouble', () => {
  it(
    `is over when it is over: ${RUNS} runs`,
    async () => {
      let [steps, incarnations] = [0, 0];
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 3, maxLength: 20 }),
          fc.boolean(),
          async (plan, isCompiled) => {
            const port = await freePort();
            const thief = new Thief();
            onTestFinished(() => thief.giveBack());
            const disk = await smallDisk();
            const stateDirectory = join(disk.folder, 'state');
            const watched = watch(troubledConfig(port, isCompiled, stateDirectory)).start();
            for (const { trouble, pause } of plan) {
              await make({ watched, thief, port, disk }, trouble);
              await wait(pause);
            }
            steps += plan.length;
            signal(watched, 'all', 'SIGCONT');
            await thief.giveBack();
            disk.free();

            await within(watched.sidecar.start(), () => `running\n${watched.story()}`);
            // What could not be written down of the process of the moment, can of the next one.
            if (plan.some(({ trouble }) => trouble.does === 'fill the disk')) await watched.sidecar.restart();
            expect(brokenStory(watched.sidecar)).toBeNull();
            await expectLedgerAgrees(watched, stateDirectory);
            incarnations += watched.sidecar.status().generation;
            await watched.stopsCleanly();
            expect(brokenStory(watched.sidecar)).toBeNull();
            await watched.sidecar[Symbol.asyncDispose]();
            await expectLedgerAgrees(watched, stateDirectory);
            expect(await brokenJournal(watched.sidecar, stateDirectory)).toBeNull();
          },
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
      console.log(`Random trouble: ${RUNS} runs, ${steps} troubles, ${incarnations} processes.`);
    },
    60_000 + RUNS * 2000,
  );
});
