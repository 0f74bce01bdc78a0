import { fromCallback } from 'xstate';
import type { MemberCommand, MemberReport } from '../../machines/fleet.types.js';
import type { SidecarEmitted } from '../../machines/sidecar.types.js';
import type { Sidecar } from '../sidecar.js';
import { SidecarReloadError } from '../sidecar-error.js';

type Send = (report: MemberReport) => void;

/** Has the sidecars: passes commands on to them, and reports what becomes of each. */
export function createSidecarsActor(sidecars: ReadonlyMap<string, Sidecar>) {
  return fromCallback<MemberCommand>(({ sendBack, receive }) => {
    const members = new Map(
      [...sidecars].map(([name, sidecar]) => [name, new Member(name, sidecar, (report) => sendBack(report))]),
    );
    receive((command) => members.get(command.name)?.obey(command));
    return () => {
      for (const member of members.values()) member.leave();
    };
  });
}

class Member {
  readonly #name: string;
  readonly #sidecar: Sidecar;
  readonly #send: Send;
  readonly #ended = new AbortController();
  readonly #stopListening: readonly (() => void)[];
  #isServing = false;
  /** Somebody else has disposed of it: it says nothing any more. */
  #isGivenUp = false;

  constructor(name: string, sidecar: Sidecar, send: Send) {
    this.#name = name;
    this.#sidecar = sidecar;
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
        this.#sidecar.start().catch(isHeard);
        break;
      case 'member.stop':
        this.#sidecar.stop().catch(isHeard);
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
        if (this.#sidecar.status().state === 'stopped') this.#reportStopped(event);
        break;
    }
  }

  #reportServing(): void {
    const { isReady } = this.#sidecar;
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

  async #drain(): Promise<void> {
    try {
      await this.#sidecar.whenQuiet({ signal: this.#ended.signal });
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error;
      return;
    }
    this.#send({ type: 'member.drained', name: this.#name });
  }

  async #replace(how: 'restart' | 'reload'): Promise<void> {
    try {
      await (how === 'reload' ? this.#sidecar.reload() : this.#sidecar.restart());
    } catch (error) {
      if (!(error instanceof SidecarReloadError)) return isHeard();
      this.#send({ type: 'member.kept', name: this.#name, why: error.message });
    }
  }
}

/** What becomes of a command is heard as events, and an error says nothing beside. */
function isHeard(): void {}
