import { computed, signal } from '@preact/signals';
import { type Address, addressOf } from './connection/address.js';
import { LiveConnection } from './connection/live-connection.js';
import { openFile } from './journal/open-file.js';
import { Inspection } from './model/inspection.js';
import { notify } from './model/notices.js';

const none = new Inspection();

/** The connection to a host; null while it is not known where one is. */
export const live = signal<LiveConnection | null>(null);

/** A journal or an export that is looked at instead; null for none. */
export const opened = signal<Inspection | null>(null);

/** What is looked at. */
export const inspection = computed(() => opened.value ?? live.value?.inspection ?? none);

/** The connection by which something can be sent to what is looked at. */
export const sender = computed(() => (opened.value === null ? live.value : null));

export function connect(address: Address): void {
  live.peek()?.close();
  live.value = new LiveConnection(address);
}

export function connectByLocation(): void {
  const address = addressOf(location);
  if (address !== null) connect(address);
}

/** Shows what is in a file. */
export async function open(file: File): Promise<void> {
  try {
    opened.value = await openFile(file);
  } catch (error) {
    notify(`${file.name} can't be shown: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function closeFile(): void {
  opened.value = null;
}
