import type { WebSocket } from 'ws';
import type { HostMessage, HostMessageOf } from './messages.js';
import { Requests } from './requests.js';
import { type InspectedSidecar, SidecarFeed } from './sidecar-feed.js';
import { Viewer } from './viewer.js';

/** What was noted is told after this time, in milliseconds: off the way of what is under way, and soon for the eye. */
const FLUSH_AFTER = 25;
/** How often it is looked for what changes without a word, in milliseconds. */
const REFRESH_INTERVAL = 1000;
/** A viewer that has not answered for so long is dropped, in milliseconds. */
const PING_INTERVAL = 15_000;
/** How long a viewer may take to say goodbye, in milliseconds. */
const GOODBYE = 1000;

/** As RFC 6455 has it: this end goes. */
const GOING_AWAY = 1001;

export interface ShowOptions {
  readonly hello: HostMessageOf<'service.hello'>;
  readonly sidecars: readonly InspectedSidecar[];
  readonly onFault: (error: unknown) => void;
}

/** Tells all viewers of all sidecars, as long as there are any; what they send goes to the sidecars. */
export class Show {
  readonly #options: ShowOptions;
  #feeds: readonly SidecarFeed[];
  readonly #requests: Requests;
  readonly #viewers = new Set<Viewer>();
  #flushing: NodeJS.Timeout | undefined;
  #refreshing: NodeJS.Timeout | undefined;
  #pinging: NodeJS.Timeout | undefined;
  #lockedBy: string | null = null;
  #isClosed = false;

  constructor(options: ShowOptions) {
    this.#options = options;
    this.#feeds = options.sidecars.map((sidecar) => this.#feedOf(sidecar));
    this.#requests = new Requests({
      sidecar: (wanted) => this.#feeds.find(({ name }) => name === wanted)?.sidecar,
      development: options.hello.development,
      refusal: (event) => this.#refusalOf(event),
    });
  }

  /** How many look on. */
  get size(): number {
    return this.#viewers.size;
  }

  /** Lets one look on. */
  admit(socket: WebSocket): void {
    if (this.#isClosed) {
      socket.close(GOING_AWAY);
      return;
    }
    const viewer: Viewer = new Viewer(socket, {
      onText: (text) => this.#guarded(() => this.#answer(viewer, text)),
      onClose: () => this.#remove(viewer),
    });
    this.#viewers.add(viewer);
    if (this.#viewers.size === 1) this.#begin();
    this.#welcome(viewer).catch(this.#options.onFault);
  }

  /** Takes no command any more but STOP. */
  lock(reason: string): void {
    this.#lockedBy = reason;
    if (this.size > 0) this.#flushSoon();
  }

  /** Others take the place of those that are shown; what stays is not told of again. */
  adopt(sidecars: readonly InspectedSidecar[]): void {
    if (this.#isClosed) return;
    const before = this.#feeds;
    this.#feeds = sidecars.map(
      (each) => before.find(({ sidecar }) => sidecar === each.sidecar) ?? this.#feedOf(each),
    );
    for (const feed of before) {
      if (this.#feeds.includes(feed)) continue;
      if (this.size > 0) this.#guarded(() => feed.flush(performance.now()));
      this.#tellAll(feed.name, { type: 'service.stop', sessionId: feed.name });
      feed.close();
    }
    if (this.size === 0) return;
    for (const feed of this.#feeds) {
      if (before.includes(feed)) continue;
      feed.attach();
      for (const viewer of this.#viewers) {
        viewer.introduce(feed.name, feed.welcome()).catch(this.#options.onFault);
      }
    }
  }

  /** Sends all away. */
  close(): void {
    this.#isClosed = true;
    // The last that happened, too.
    if (this.size > 0) this.#flush();
    for (const viewer of this.#viewers) viewer.close(GOING_AWAY, 'the inspector is closed');
    const rest = [...this.#viewers];
    if (rest.length > 0) {
      setTimeout(() => {
        for (const viewer of rest) viewer.drop();
      }, GOODBYE);
    }
    this.#end();
    for (const feed of this.#feeds) feed.close();
  }

  /** One sidecar after the other, as fast as it reads: a fleet of hundreds is not laid down here for it. */
  async #welcome(viewer: Viewer): Promise<void> {
    viewer.tell(this.#options.hello);
    for (const feed of this.#feeds) {
      if (!viewer.isOpen) return;
      // Another one took its place meanwhile, and was told of.
      if (!this.#feeds.includes(feed)) continue;
      await viewer.introduce(feed.name, feed.welcome());
    }
  }

  #feedOf(sidecar: InspectedSidecar): SidecarFeed {
    return new SidecarFeed(sidecar, {
      refusal: (event) => this.#refusalOf(event),
      tell: (message) => this.#tellAll(sidecar.name, message),
      onPending: () => this.#flushSoon(),
      onFault: this.#options.onFault,
    });
  }

  #answer(viewer: Viewer, text: string): void {
    const answer = this.#requests.answer(text);
    if (answer !== null) viewer.tell(answer);
  }

  #remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#end();
  }

  #begin(): void {
    for (const feed of this.#feeds) feed.attach();
    this.#refreshing = setInterval(() => this.#refresh(), REFRESH_INTERVAL).unref();
    this.#pinging = setInterval(() => {
      for (const viewer of this.#viewers) viewer.ping();
    }, PING_INTERVAL).unref();
  }

  #end(): void {
    for (const feed of this.#feeds) feed.detach();
    clearInterval(this.#refreshing);
    clearInterval(this.#pinging);
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
  }

  #refresh(): void {
    for (const viewer of this.#viewers) viewer.forgiveMessages();
    this.#flushSoon();
  }

  /** It keeps the process alive for that long: the last that happens is told, too. */
  #flushSoon(): void {
    this.#flushing ??= setTimeout(() => this.#flush(), FLUSH_AFTER);
  }

  #flush(): void {
    this.#flushing = undefined;
    const now = performance.now();
    for (const feed of this.#feeds) {
      this.#guarded(() => {
        if (feed.flush(now)) this.#flushSoon();
      });
    }
  }

  /** Written down once, for all of them. */
  #tellAll(sidecar: string, message: HostMessage): void {
    const text = JSON.stringify(message);
    for (const viewer of this.#viewers) viewer.pass(sidecar, text);
  }

  #refusalOf(event: string): string | null {
    if (this.#options.hello.readOnly) return 'the inspector is read-only';
    return event === 'STOP' ? null : this.#lockedBy;
  }

  /** A fault here must not become one of the sidecars. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
