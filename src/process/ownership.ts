import { setTimeout as wait } from 'node:timers/promises';
import type { Holder, ProcessReport } from '../../machines/sidecar.types.js';
import type { ResolvedSidecarConfig } from '../config/schema.js';
import { type Claim, Ledger } from '../orphans/ledger.js';
import type { LedgerProcess } from '../orphans/ledger-entry.js';
import { endOrphan } from '../orphans/orphan.js';
import { now } from '../os/clock.js';
import { StateDirectory } from '../state/state-directory.js';
import { SpawnError } from './spawn-failure.js';

/** How often it is looked whether the one that had it has given it up, in milliseconds. */
const POLL = 20;

/**
 * Whether the sidecar is this program's to run, and what an earlier run of it left. Without a state directory it always
 * is, and nothing is known. Should the directory not be usable, that is told, and the sidecar runs all the same.
 */
export class Ownership {
  readonly #config: ResolvedSidecarConfig;
  readonly #report: (report: ProcessReport) => void;
  readonly #ledger: Ledger | null;
  #claiming: Promise<void> | null = null;
  /** What has to be ended before another is started. */
  #left: LedgerProcess | null = null;
  #isWanted = false;
  #isUsed = false;
  #isFailing = false;

  constructor(config: ResolvedSidecarConfig, report: (report: ProcessReport) => void) {
    this.#config = config;
    this.#report = report;
    this.#ledger = this.#open();
  }

  /**
   * Waits until it is this program's, and nothing of an earlier run is left.
   *
   * @throws {SpawnError} when another program has it, or what was left can't be ended
   */
  claim(): Promise<void> {
    this.#isWanted = true;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = null;
      this.#releaseIfUnused();
    });
    return this.#claiming;
  }

  /** A process of it was started. */
  spawned(process: Pick<LedgerProcess, 'pid' | 'mark' | 'generation'>): void {
    this.#isUsed = true;
    void this.#ledger?.record({ ...process, command: this.#config.process.command });
  }

  /** No process of it is left. */
  emptied(): void {
    if (!this.#isUsed) return;
    this.#isUsed = false;
    this.#releaseIfUnused();
  }

  /** It is given up; at the latest once no process of it is left. */
  release(): void {
    this.#isWanted = false;
    this.#releaseIfUnused();
  }

  #releaseIfUnused(): void {
    if (!this.#isWanted && !this.#isUsed && this.#claiming === null) this.#ledger?.release();
  }

  #open(): Ledger | null {
    const { stateDirectory, transport, takeover } = this.#config;
    // A library has no process that could be left; and Windows does not tell when a process was started.
    if (stateDirectory === null || transport === 'direct' || process.platform === 'win32') return null;
    return new Ledger(new StateDirectory(stateDirectory), {
      takeover,
      warn: (error) => this.#report({ type: 'state.failed', error }),
      onTaken: (by) => this.#report({ type: 'process.taken', by: holderOf(by) }),
    });
  }

  async #claim(): Promise<void> {
    if (this.#ledger === null) return;
    let claim: Claim;
    try {
      claim = await this.#ledger.claim();
      this.#isFailing = false;
    } catch (error) {
      this.#tellOnce(error);
      return;
    }
    switch (claim.type) {
      case 'held':
        throw refusal(this.#config.name, claim.by);
      case 'lost':
        this.#report({ type: 'process.taken', by: holderOf(claim.by) });
        throw new SpawnError({ code: 'ETAKEN', message: 'another program took it over', permanent: true });
      case 'ours':
        this.#left = (await this.#untilGivenUp(this.#ledger, claim)) ?? this.#left;
        if (this.#left !== null) await this.#end(this.#left);
        this.#left = null;
    }
  }

  /** Who had it until now stops it in good order, as soon as he notices. Returns what is left when he does not. */
  async #untilGivenUp(ledger: Ledger, { from, page, left }: Extract<Claim, { type: 'ours' }>) {
    if (from === null || page === null) return left;
    const { stopTimeout, killTimeout } = this.#config.process;
    const deadline = now() + stopTimeout + killTimeout;
    let last = left;
    while (now() < deadline) {
      const seen = await ledger.lookAt(page);
      last = seen.left ?? last;
      if (!seen.isHeld) break;
      await wait(POLL, undefined, { ref: false });
    }
    return last;
  }

  async #end(left: LedgerProcess): Promise<void> {
    const outcome = await endOrphan(left, this.#config.process);
    const { pid, command } = left;
    if (outcome === 'still-there') {
      const message = `process ${pid} (${command}), which an earlier run left, is still there after SIGKILL`;
      throw new SpawnError({ code: 'EORPHAN', message, permanent: false });
    }
    if (outcome !== null) this.#report({ type: 'orphan.ended', orphan: { pid, command, outcome } });
  }

  #tellOnce(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const reason = error instanceof Error ? error.message : String(error);
    const then = 'what this run leaves is not found by the next, and another program may run it, too';
    this.#report({
      type: 'state.failed',
      error: `the state directory can't be used: ${reason}; ${then}`,
    });
  }
}

function holderOf(host: Holder | null): Holder | null {
  return host === null ? null : { pid: host.pid, command: host.command };
}

function refusal(name: string, host: Holder): SpawnError {
  const { pid, command } = host;
  const who = pid === process.pid ? 'this program already' : `another program (pid ${pid}: ${command})`;
  const message = `${who} runs the sidecar "${name}"; stop it there, give this one another name or stateDirectory, or set takeover`;
  return new SpawnError({ code: 'EHELD', message, permanent: true, holder: { pid, command } });
}
