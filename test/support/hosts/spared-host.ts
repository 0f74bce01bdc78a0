// Has much to do for a while, then nothing. Tells when V8 is asked to collect all garbage, and what is left a second later, or
// a second after there was nothing to do when there is no garbage.
//
//   spared-host.ts MILLISECONDS MIB_OF_GARBAGE MIB_THAT_ARE_KEPT
import { Session } from 'node:inspector';
import { getHeapStatistics } from 'node:v8';
import { spareMemory } from '../../../src/service/spare-memory.js';

const [busyFor = 0, garbage = 0, needed = 0] = process.argv.slice(2).map(Number);

// V8 collects of itself, too: what it was asked for is told by nothing but this.
const connect = Session.prototype.connect;
Session.prototype.connect = function connectAndTell(this: Session) {
  console.log(`asked ${performance.now() < quietAt ? 'while busy' : 'when quiet'}`);
  connect.call(this);
  tellWhatIsLeft();
};

// It lives until it is killed.
process.stdin.resume();
// On a machine that is in use, even who has much to do may get little of a core.
spareMemory({ period: 100, quiet: 0.02 });
const kept = makeObjects(needed);
makeObjects(garbage);
console.log(`stretched to ${heapSize()}`);
const quietAt = performance.now() + busyFor;
work();

function work(): void {
  if (performance.now() < quietAt) setImmediate(work);
  else if (garbage === 0) tellWhatIsLeft();
}

function tellWhatIsLeft(): void {
  setTimeout(() => console.log(`left ${heapSize()} with ${kept.length} objects`), 1000);
}

/** As all of them are there at last, they are moved out of the young generation. */
function makeObjects(mebibytes: number): readonly object[] {
  return Array.from({ length: mebibytes * 16_384 }, (_, number) => ({ number, text: `${number}` }));
}

/** In MiB. */
function heapSize(): number {
  return Math.round(getHeapStatistics().total_physical_size / 1024 / 1024);
}
