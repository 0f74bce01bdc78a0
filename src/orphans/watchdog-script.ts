/** The variable that every process started here is given, and that its descendants inherit. */
export const MARK_VARIABLE = 'SIDECAR_MACHINE_ID';

/**
 * What the watchdog runs, in the shell that every POSIX system has. It is told in lines what there is:
 *
 * - `+ SLOT MARK`: a process is about to be started, with this mark in its environment;
 * - `= SLOT PID START`: it leads a group of its own, and was started then (`-`: ask ps);
 * - `! SIGNAL SLOT…`: the group is gone, what left it is signalled;
 * - `- SLOT`: nothing of it is left.
 *
 * When its input ends, so has the host, however that came. Then it kills what is left: each group whose leader is still
 * the one that it was told of, and, where there is /proc, every process with a mark, until none is found. The first rounds
 * follow each other even when nothing is found, for what was forked and had not been executed yet.
 */
export const WATCHDOG_SCRIPT = `
trap '' HUP INT QUIT TERM PIPE TSTP TTIN TTOU USR1 USR2 ALRM
cd / || exit
last=0

# Into a variable: with hundreds of processes, a subshell for each takes too long.
look_up_start() {
  now=
  if [ -r "/proc/$1/stat" ]; then
    read -r stat < "/proc/$1/stat" || return
    set -- \${stat##*) }
    now=\${20}
  elif [ ! -r /proc/self/stat ]; then
    now=$(ps -o lstart= -p "$1")
  fi
}

is_ours() {
  look_up_start "$1"
  [ "$now" != "$2" ] || return 0
  # Its leader has ended, and the number is kept by those who are left.
  [ -z "$now" ] && [ ! -e "/proc/$1" ]
}

# The arguments are patterns for grep; tells whether there was anybody.
signal_marked() {
  signal=$1
  shift
  [ -r /proc/self/environ ] || return 1
  found=1
  for file in $(grep -slF "$@" /proc/[0-9]*/environ); do
    file=\${file#/proc/}
    kill "-$signal" "\${file%/environ}" && found=0
  done
  return "$found"
}

while read -r what slot one two; do
  case $what in
    +)
      eval "mark_$slot=\\$one pid_$slot="
      [ "$slot" -le "$last" ] || last=$slot
      ;;
    =)
      if [ "$two" = - ]; then
        look_up_start "$one"
        two=$now
      fi
      eval "pid_$slot=\\$one start_$slot=\\$two"
      ;;
    !)
      signal=$slot
      set --
      for slot in $one $two; do
        eval "mark=\\$mark_$slot pid_$slot="
        [ -n "$mark" ] || continue
        set -- "$@" -e "${MARK_VARIABLE}=$mark"
      done
      [ "$#" -eq 0 ] || signal_marked "$signal" "$@"
      ;;
    -) eval "mark_$slot= pid_$slot=" ;;
  esac
done

round=0
while [ "$round" -lt 100 ]; do
  set --
  slot=0
  while [ "$slot" -lt "$last" ]; do
    slot=$((slot + 1))
    eval "mark=\\$mark_$slot pid=\\$pid_$slot start=\\$start_$slot"
    [ -n "$mark" ] || continue
    set -- "$@" -e "${MARK_VARIABLE}=$mark"
    [ -z "$pid" ] || ! is_ours "$pid" "$start" || kill -KILL "-$pid"
  done
  [ "$#" -gt 0 ] || exit 0
  round=$((round + 1))
  signal_marked KILL "$@" || [ "$round" -lt 4 ] || exit 0
  sleep 0.1 || sleep 1
done
`;
