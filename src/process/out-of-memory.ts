import type { ExitStatus, OutOfMemory } from '../../machines/sidecar.types.js';
import type { OomKills } from '../os/oom-kills.js';

/** What runtimes print when they get no more memory, and end. */
const LAST_WORDS: readonly RegExp[] = [
  // V8 (Node.js, Deno)
  /JavaScript heap out of memory/,
  /Fatal (?:process|JavaScript) (?:out of memory|OOM)/,
  /^RangeError: Array buffer allocation failed/,
  // Go
  /^fatal error: .*(?:out of memory|cannot allocate memory|failed to reserve .*memory)/,
  /^runtime: out of memory/,
  // Python
  /^MemoryError\b/,
  // C++
  /\bstd::bad_alloc\b/,
  // Rust
  /memory allocation of \d+ bytes failed/,
  // Java
  /java\.lang\.OutOfMemoryError/,
];

/** Whether a process that nobody told to end ended for want of memory. */
export function findOutOfMemory(
  ended: ExitStatus,
  tail: readonly string[],
  oomKills: OomKills | null,
): OutOfMemory | null {
  if (ended.code === 0) return null;
  // 128 + 9: what a shell says of a child that was killed.
  const wasKilled = ended.signal === 'SIGKILL' || ended.code === 137;
  if (wasKilled && oomKills?.haveRisen() === true) return { by: 'kernel', counter: oomKills.counter };
  const line = tail.findLast((each) => LAST_WORDS.some((words) => words.test(each)));
  return line === undefined ? null : { by: 'runtime', line };
}
