/** Something that must not outlive the host: a sidecar's process, or a compiler. */
export interface HostDependent {
  /** Ends it in good order; resolves once nothing of it is left. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Ends it now. Called while the host exits, when nothing asynchronous can happen any more. */
  kill(): void;
  /** The longest that `end` may take, in milliseconds. */
  readonly patience: number;
}

/**
 * A signal that comes again within this time, in milliseconds, is the same one: Ctrl-C under `npm start` arrives
 * twice, from the terminal and passed on by npm.
 */
const SAME_SIGNAL = 500;

/** Marks our listener, so that two copies of this package in one process know each other's. */
const OURS = Symbol.for('sidecar-machine.host-exit');

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const dependents = new Set<HostDependent>();
let ending: { readonly signal: NodeJS.Signals; readonly since: number } | null = null;

/**
 * Ends `dependent` when the host ends: at once on a normal exit, `process.exit()` or an uncaught exception; in
 * good order on SIGINT, SIGTERM and SIGHUP, after which the signal takes its usual effect. A host that listens to
 * the signal itself is left to its own plan. A second signal ends everything at once.
 *
 * @returns the function that gives it up again.
 */
export function endWithHost(dependent: HostDependent): () => void {
  if (dependents.size === 0) listen();
  dependents.add(dependent);
  return () => {
    if (dependents.delete(dependent) && dependents.size === 0 && ending === null) unlisten();
  };
}

function listen(): void {
  process.on('exit', killAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', killAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function killAll(): void {
  for (const dependent of dependents) dependent.kill();
}

const onSignal = Object.assign(endOnSignal, { [OURS]: true });

function endOnSignal(signal: NodeJS.Signals): void {
  if (hostHasItsOwnPlan(signal)) return;
  if (ending !== null) {
    if (signal === ending.signal && performance.now() - ending.since < SAME_SIGNAL) return;
    killAll();
    resume(signal);
    return;
  }
  ending = { signal, since: performance.now() };
  void endAll(signal).finally(() => {
    killAll();
    resume(signal);
  });
}

async function endAll(signal: NodeJS.Signals): Promise<void> {
  const patience = Math.max(...[...dependents].map((dependent) => dependent.patience));
  let timer: NodeJS.Timeout | undefined;
  const patienceIsOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  const allEnded = Promise.allSettled([...dependents].map((dependent) => dependent.end(signal)));
  await Promise.race([allEnded, patienceIsOver]);
  clearTimeout(timer);
}

/** Lets the signal do what it would have done without us; another copy that is not done yet does that later. */
function resume(signal: NodeJS.Signals): void {
  unlisten();
  if (process.listeners(signal).some(isOurs)) return;
  process.kill(process.pid, signal);
}

/** A listener other than ours, and than that of signal-exit, which only waits for everybody else to be gone. */
function hostHasItsOwnPlan(signal: NodeJS.Signals): boolean {
  const others = process.listeners(signal).filter((listener) => !isOurs(listener));
  return others.length > countSignalExit();
}

function isOurs(listener: object): boolean {
  return OURS in listener;
}

/** How many copies of signal-exit listen, by its own account: version 4 keeps it globally, version 3 on `process`. */
function countSignalExit(): number {
  const emitters: unknown[] = [
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
    Reflect.get(process, '__signal_exit_emitter__'),
  ];
  return emitters.reduce<number>((sum, emitter) => sum + countOf(emitter), 0);
}

function countOf(emitter: unknown): number {
  const isCounting = typeof emitter === 'object' && emitter !== null && 'count' in emitter;
  return isCounting && typeof emitter.count === 'number' ? emitter.count : 0;
}
