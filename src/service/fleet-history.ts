import { explainFleetEvent, type FleetEmitted } from '../index.js';
import type { Service } from './service.js';

/** Most that are kept. */
const MOST_ENTRIES = 100;

/** What happened to a fleet, with its cause in words. */
export interface FleetHistoryEntry {
  /** Unix time in milliseconds. */
  readonly time: number;
  readonly event: FleetEmitted;
  readonly explanation: string;
}

/** The last events of the fleet of a service, for those who come later. */
export class FleetHistory {
  #entries: readonly FleetHistoryEntry[] = [];
  readonly #stopListening: () => void;

  constructor(service: Service) {
    this.#stopListening = service.listenToFleet((event) => {
      const entry = { time: Date.now(), event, explanation: explainFleetEvent(event) };
      this.#entries = [...this.#entries, entry].slice(-MOST_ENTRIES);
    });
  }

  /** Oldest first. */
  get entries(): readonly FleetHistoryEntry[] {
    return this.#entries;
  }

  close(): void {
    this.#stopListening();
  }
}
