import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { canListProcesses } from '../support/processes.js';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';
import { PATIENCE } from '../support/within.js';

const RUNS = Number(process.env['CHAOS_RUNS'] ?? 8);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = PATIENCE + RUNS * 4000;

/** Sets the wall clock of one process only. Debian's package `faketime` has it. */
const [library] = globSync('/usr/lib/**/faketime/libfaketimeMT.so.1', { absolute: true });

async function expectAgreement(host: Host, what: string): Promise<void> {
  const total = await host.said('over: ', PATIENT);
  const broken = host.lines.filter((line) => line.startsWith('broken: '));
  expect(broken, `CHAOS_SEED=${SEED}`).toEqual([]);
  expect(JSON.parse(total)).toMatchObject({ runs: RUNS + 1 });
  expect(await host.exited()).toEqual({ code: 0, signal: null });
  console.log(`${what}, CHAOS_SEED=${SEED}: ${total}`);
}

describe('a host that is in trouble itself', () => {
  it.skipIf(library === undefined)(
    `agrees with itself when its clock has been set at random: ${RUNS} runs`,
    async () => {
      const file = join(await tempFolder(), 'clock');
      const settings = {
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        LD_PRELOAD: library,
      };
      const exports = Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`);
      const setup = [`echo +0 > '${file}'`, ...exports].join('; ');
      await expectAgreement(
        new Host('troubled-host', ['clock', String(SEED), String(RUNS), file], setup),
        'Steps of the clock',
      );
    },
    PATIENT + PATIENCE,
  );

  it.runIf(canListProcesses)(
    `agrees with itself when it was out of descriptors at random: ${RUNS} runs`,
    async () => {
      await expectAgreement(
        new Host('troubled-host', ['descriptors', String(SEED), String(RUNS)], 'ulimit -n 1024'),
        'Out of descriptors',
      );
    },
    PATIENT + PATIENCE,
  );
});
