/** What the first process of a container has to do besides, and Node.js does not: end the orphans that become its children. */
const INIT = `
pid= early=
pass() { if [ -n "$pid" ]; then kill -s "$1" "$pid" 2>/dev/null; else early="$early $1"; fi; }
for signal in HUP INT QUIT TERM USR1 USR2; do trap "pass $signal" "$signal"; done
"$@" <&0 &
pid=$!
for signal in $early; do pass "$signal"; done
# A signal ends the wait, too.
while :; do
  wait "$pid"; code=$?
  kill -0 "$pid" 2>/dev/null || break
done
wait "$pid"; again=$?
[ "$again" = 127 ] || code=$again
exit "$code"
`;
const SHELL = '/bin/sh';
const STANDARD_STREAMS = [0, 1, 2];
/** Of fcntl(2), on every system that has it. */
const F_SETFD = 2;

/** Replaces this process by another program; returns only when it can't. */
type Exec = (program: string, args: readonly string[]) => void;

/**
 * As the first process of a container, becomes a shell that ends orphans, passes signals on, and runs this very command as its
 * child. Does nothing in any other process.
 */
export async function standBehindInit(): Promise<void> {
  if (process.pid !== 1 || process.platform === 'win32') return;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const exec = ownExec() ?? (await execOfLibc());
  exec?.(SHELL, ['sh', '-c', INIT, 'sidecar-init', ...command]);
  console.error(
    'sidecar: as the first process of a container it does not end the orphans of others: start the container with an init ' +
      '(docker run --init), install koffi, or use Node.js 22.15 or newer',
  );
}

/** Node.js 22.15 and 23.11 have it. */
function ownExec(): Exec | null {
  if (!('execve' in process) || typeof process.execve !== 'function') return null;
  const { execve } = process;
  return (program, args) => void execve.call(process, program, args);
}

/** By koffi, where it is installed. */
async function execOfLibc(): Promise<Exec | null> {
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const execv = libc.func('int execv(const char *path, const char **arguments)');
    const fcntl = libc.func('int fcntl(int descriptor, int command, ...)');
    return (program, args) => {
      // Node.js has them closed by an exec.
      for (const descriptor of STANDARD_STREAMS) fcntl(descriptor, F_SETFD, 'int', 0);
      execv(program, [...args, null]);
    };
  } catch {
    // Not installed, or not made for this platform.
    return null;
  }
}
