import { fromCallback } from 'xstate';
import type { MemberCommand, MemberReport, SidecarsCommand } from '../../machines/fleet.types.js';
import type { SidecarEmitted } from '../../machines/sidecar.types.js';
import type { Sidecar } from '../sidecar.js';
import { SidecarReloadError } from '../sidecar-error.js';
import type { Roster } from './roster.js';

type Send = (report: MemberReport) => void;

/** Has the sidecars: passes commands on to them, and reports what becomes of each. */
export function createSidecarsActor(roster: Roster) {
  return fromCallback<SidecarsCommand>(({ sendBack, receive }) => {
    const members = new Map<string, Member>();
    const adopt = () => {
      for (const [name, member] of members) {
        if (roster.current.get(name) === member.sidecar) continue;
        member.leave();
        members.delete(name);
      }
      for (const [name, sidecar] of roster.current) {
        if (members.has(name)) continue;
        members.set(name, new Member(name, sidecar, roster.whenFree(name), (report) => sendBack(report)));
      }
    };
    adopt();
    receive((command) => {
      if (command.type !== 'members.adopt') {
        members.get(command.name)?.obey(command);
        return;
      }
      roster.adopt();
      adopt();
    });
    return () => {
      for (const member of members.values()) member.leave();
    };
  });
}

class Member {
  readonly sidecar: Sidecar;
  readonly #name: string;
  /** Resolves once the one that it takes the place of has let go of its files. */
  #whenFree: Promise<void> | null;
  /** Told to start, and waits for that. */
  #isWaiting = false;
  readonly #send: Send;
  readonly #ended = new AbortController();
  readonly #stopListening: readonly (() => void)[];
  #isServing = false;
  /** Somebody else has disposed of it: it says nothing any more. */
  #isGivenUp = false;

  constructor(name: string, sidecar: Sidecar, whenFree: Promise<void> | null, send: Send) {
    this.#name = name;
    this.sidecar = sidecar;
    this.#whenFree = whenFree;
    this.#send = send;
    this.#stopListening = [
      sidecar.on('*', (event) => this.#hear(event)),
      sidecar.onDispose(() => this.#giveUp()),
    ];
  }

  leave(): void {
    for (const stopListening of this.#stopListening) stopListening();
    this.#ended.abort();
  }

  obey(command: MemberCommand): void {
    if (this.#isGivenUp) {
      this.#reportStopped({ reason: 'requested', cause: null });
      return;
    }
    switch (command.type) {
      case 'member.start':
        this.#start();
        break;
      case 'member.stop':
        this.#stop();
        break;
      case 'member.drain':
        void this.#drain();
        break;
      case 'member.replace':
        void this.#replace(command.how);
        break;
    }
  }

  #hear(event: SidecarEmitted): void {
    const name = this.#name;
    this.#reportServing();
    switch (event.type) {
      case 'spawned':
        this.#send({ type: 'member.spawned', name });
        break;
      case 'healthy':
        this.#send({ type: 'member.healthy', name });
        break;
      case 'restart-scheduled':
        this.#send({ type: 'member.lost', name, cause: event.cause });
        break;
      case 'stopped':
        // A START while stopping passes through `stopped` without staying there.
        if (this.sidecar.status().state === 'stopped') this.#reportStopped(event);
        break;
    }
  }

  #reportServing(): void {
    const { isReady } = this.sidecar;
    if (isReady === this.#isServing) return;
    this.#isServing = isReady;
    this.#send({ type: 'member.serving', name: this.#name, isServing: isReady });
  }

  #reportStopped({ reason, cause }: Pick<Extract<SidecarEmitted, { type: 'stopped' }>, 'reason' | 'cause'>) {
    this.#send({ type: 'member.stopped', name: this.#name, reason, cause });
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#reportServing();
    this.#reportStopped({ reason: 'requested', cause: null });
  }

  #start(): void {
    if (this.#whenFree === null) {
      this.#isWaiting = false;
      this.sidecar.start().catch(isHeard);
      return;
    }
    this.#isWaiting = true;
    void this.#whenFree.then(() => {
      this.#whenFree = null;
      if (this.#isWaiting && !this.#ended.signal.aborted) this.#start();
    });
  }

  #stop(): void {
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#reportStopped({ reason: 'requested', cause: null });
      return;
    }
    this.sidecar.stop().catch(isHeard);
  }

  async #drain(): Promise<void> {
    try {
      await this.sidecar.whenQuiet({ signal: this.#ended.signal });
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error;
      return;
    }
    this.#send({ type: 'member.drained', name: this.#name });
  }

  async #replace(how: 'restart' | 'reload'): Promise<void> {
    try {
      await (how === 'reload' ? this.sidecar.reload() : this.sidecar.restart());
    } catch (error) {
      if (!(error instanceof SidecarReloadError)) return isHeard();
      this.#send({ type: 'member.kept', name: this.#name, why: error.message });
    }
  }
}

/** What becomes of a command is heard as events, and an error says nothing beside. */
function isHeard(): void {}
