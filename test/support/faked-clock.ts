import { globSync } from 'tinyglobby';

/** Sets the wall clock of one process only. Debian's package `faketime` has it. */
const [library] = globSync('/usr/lib/**/faketime/libfaketimeMT.so.1', { absolute: true });

export const canFakeClock = library !== undefined;

if (!canFakeClock)
  console.log('Not tested here: steps of the clock (needs libfaketime, of the package faketime).');

/** What a shell does before it becomes a program whose clock is off by what stands in a file, such as `+3600`. */
export function withFakedClock(file: string): string {
  const settings = {
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    LD_PRELOAD: library ?? '',
  };
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`);
  return [`echo +0 > '${file}'`, ...exports].join('; ');
}
