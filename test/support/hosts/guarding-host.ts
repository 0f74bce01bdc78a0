/*
 * Starts a shell script under the guard of the watchdog, and stays.
 *
 *   node guarding-host.js SCRIPT guarded MARK           the usual way; MARK is for the test
 *   node guarding-host.js SCRIPT only-announced MARK    its pid is never told
 *   node guarding-host.js SCRIPT released MARK          nobody has to end it any more; another one is guarded still
 *   node guarding-host.js SCRIPT mistaken PID           PID is told, with the start time of another
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { guardSpawn, watchdogPid } from '../../../src/orphans/spawn-guard.js';
import { MARK_VARIABLE, WATCHDOG_SCRIPT } from '../../../src/orphans/watchdog-script.js';
import { CASE_MARK } from '../processes.js';

const [script = '', how, detail = ''] = process.argv.slice(2);

if (how === 'mistaken') {
  const watchdog = spawn('sh', ['-c', WATCHDOG_SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const mark = randomUUID();
  watchdog.stdin.write(`+ 1 ${mark}\n= 1 ${detail} 1\n`);
  start({ [MARK_VARIABLE]: mark });
  console.log(`watchdog ${watchdog.pid}`);
} else {
  const guard = guardSpawn();
  const pid = start({ ...guard.environment, [CASE_MARK]: detail });
  if (how !== 'only-announced') guard.protect(pid);
  if (how === 'released') {
    const other = guardSpawn();
    other.protect(start({ ...other.environment, [CASE_MARK]: `${detail}-other` }));
    guard.release();
  }
  console.log(`guarded ${pid}`);
  tellWatchdogs();
}

function start(environment: Readonly<Record<string, string>>): number {
  const child = spawn('sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (child.pid === undefined) throw new Error('it could not be started');
  return child.pid;
}

/** Each new one, with its number. */
function tellWatchdogs(): void {
  let [last, count]: [number | null, number] = [null, 0];
  setInterval(() => {
    const pid = watchdogPid();
    if (pid === null || pid === last) return;
    [last, count] = [pid, count + 1];
    console.log(`watchdog ${count}: ${pid}`);
  }, 5);
}

setInterval(() => {}, 60_000);
