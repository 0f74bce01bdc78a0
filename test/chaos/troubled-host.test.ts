import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canFakeClock, withFakedClock } from '../support/faked-clock.js';
import { canListProcesses } from '../support/processes.js';
import { Host } from '../support/run-host.js';
import { tempFolder } from '../support/temp-folder.js';
import { PATIENCE } from '../support/within.js';

const RUNS = Number(process.env['CHAOS_RUNS'] ?? 8);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PATIENT = PATIENCE + RUNS * 4000;

async function expectAgreement(host: Host, what: string): Promise<void> {
  const total = await host.said('over: ', PATIENT);
  const broken = host.lines.filter((line) => line.startsWith('broken: '));
  expect(broken, `CHAOS_SEED=${SEED}`).toEqual([]);
  expect(JSON.parse(total)).toMatchObject({ runs: RUNS + 1 });
  expect(await host.exited()).toEqual({ code: 0, signal: null });
  console.log(`${what}, CHAOS_SEED=${SEED}: ${total}`);
}

describe('a host that is in trouble itself', () => {
  it.runIf(canFakeClock)(
    `agrees with itself when its clock has been set at random: ${RUNS} runs`,
    async () => {
      const file = join(await tempFolder(), 'clock');
      await expectAgreement(
        new Host('troubled-host', ['clock', String(SEED), String(RUNS), file], withFakedClock(file)),
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
