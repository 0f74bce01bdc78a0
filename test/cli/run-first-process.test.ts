import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { program } from '../support/program.js';
import { shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually, within } from '../support/within.js';

/** A process number space of its own, as a container has: what is run there is its process 1. */
const OWN_PROCESSES = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const asSomebody =
  spawnSync('unshare', [...OWN_PROCESSES, 'true']).status === 0 ? [] : ['--user', '--map-root-user'];
const isThere = spawnSync('unshare', [...asSomebody, ...OWN_PROCESSES, 'true']).status === 0;
if (!isThere)
  console.log('Not checked here: being the first process of a container (needs unshare, and the right to).');

const ORPHANS = 20;
/** Each of them outlives its parent, and so gets process 1 for one. */
const ORPHAN_MAKER = `for i in $(seq ${ORPHANS}); do (sleep 0.05 &); done; echo made; exec tail -f /dev/null`;

describe.skipIf(!isThere)('sidecar run as the first process of a container', () => {
  it('ends orphans that are nobody else’s, and a signal stops it in good order', async () => {
    const container = await runAsFirst(
      shellConfig(ORPHAN_MAKER, { healthCheck: { liveness: { type: 'process' } } }),
    );
    await container.printed(/ running /);
    await container.printed(/ made$/);
    const first = container.firstProcess();
    const children = () => processes().filter(({ parent }) => parent === first);
    // They were its children, and are none any longer.
    await eventually(() => !children().some(({ name }) => name === 'sleep'), 'the end of the orphans');
    expect(children().filter(({ state }) => state === 'Z')).toEqual([]);
    process.kill(first, 'SIGTERM');
    const { code, stdout } = await container.ended();
    expect(code).toBe(0);
    expect(stdout).toMatch(/ stopped +as requested$/m);
  });

  it('ends as the service does', async () => {
    const container = await runAsFirst(shellConfig('exit 3', { process: { autoRestart: false } }));
    expect(await container.ended()).toMatchObject({ code: 1, stderr: '' });
  });
});

async function runAsFirst(config: SidecarConfig) {
  const folder = await tempFolder();
  await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
  const args = [...asSomebody, ...OWN_PROCESSES, process.execPath, program('src/cli/main.ts'), 'run'];
  const child = spawn('unshare', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { pid } = child;
  if (pid === undefined) throw new Error('unshare could not be started');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const stderr = text(child.stderr);
  const ended = once(child, 'close');
  return {
    printed: (pattern: RegExp) => eventually(() => lines.some((line) => pattern.test(line)), String(pattern)),
    /** As it is numbered out here. */
    firstProcess: () => processes().find(({ parent }) => parent === pid)?.pid ?? NaN,
    ended: async () => {
      const [code] = await within(ended, () => `the end of the service, which said:\n${lines.join('\n')}`);
      return { code, stdout: lines.join('\n'), stderr: await stderr };
    },
  };
}

interface Listed {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parent: number;
}

function processes(): readonly Listed[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, name = '', state = '', parent] = /^\d+ \((.*)\) (\S) (\d+) /s.exec(stat) ?? [];
      return [{ pid: Number(entry), name, state, parent: Number(parent) }];
    } catch {
      // It has just ended.
      return [];
    }
  });
}
