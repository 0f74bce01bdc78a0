import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { compilePrograms, removePrograms } from './compiled.js';
import { canListProcesses, type FoundProcess, findMarked, killAll, RUN_MARK } from './processes.js';
import { replayJournals } from './replay-journals.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Marks every process that this run starts. */
    runId: string;
    /** A cache folder of this run's own. */
    cacheFolder: string;
    /** A folder of this run's own, in which each test file has one for what sidecars keep about themselves. */
    runtimeFolder: string;
    /** Where the programs are that tests run; see `compilePrograms`. */
    programsFolder: string;
  }
}

/** How long processes that are just ending may take, in milliseconds. */
const PATIENCE = 3000;

/** Marks the run's processes. Fails the run when any of them is left, or a journal comes out differently in a replay. */
export default async function setup(project: TestProject) {
  const runId = randomUUID();
  const cacheFolder = await mkdtemp(join(tmpdir(), 'sidecar-cache-'));
  project.provide('runId', runId);
  project.provide('cacheFolder', cacheFolder);
  const runtimeFolder = await mkdtemp(join(tmpdir(), 'sidecar-runtime-'));
  project.provide('runtimeFolder', runtimeFolder);
  const programsFolder = await compilePrograms();
  project.provide('programsFolder', programsFolder);
  if (!canListProcesses) console.log('Not checked here: whether processes survive the tests (needs /proc).');

  return async () => {
    try {
      await rm(cacheFolder, { recursive: true, force: true });
      await endSurvivors(runId);
      console.log(await replayJournals(runtimeFolder));
    } catch (error) {
      // Vitest tells of it, and would end as if all were well.
      process.exitCode = 1;
      throw error;
    } finally {
      await rm(runtimeFolder, { recursive: true, force: true });
      await removePrograms(programsFolder);
    }
  };
}

async function endSurvivors(runId: string): Promise<void> {
  const survivors = await findSurvivors(runId);
  if (survivors.length === 0) return;
  killAll(survivors);
  const lines = survivors.map(({ pid, command }) => `  ${pid} ${command}`);
  throw new Error(`The tests left ${survivors.length} process(es) behind:\n${lines.join('\n')}`);
}

async function findSurvivors(runId: string): Promise<FoundProcess[]> {
  const end = performance.now() + PATIENCE;
  let survivors = findMarked(RUN_MARK, runId);
  while (survivors.length > 0 && performance.now() < end) {
    await wait(50);
    survivors = findMarked(RUN_MARK, runId);
  }
  return survivors;
}
