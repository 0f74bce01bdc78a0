import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ServiceControl } from '../../src/control.js';
import type { SidecarConfig } from '../../src/index.js';
import { compilerConfig } from '../support/compile-config.js';
import { isAlive } from '../support/processes.js';
import { serverArgs, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually } from '../support/within.js';
import { SidecarTerminal, whyNoTerminal } from './terminal.js';

const why = whyNoTerminal();
if (why !== null) console.log(`Not tested here: sidecar run in a terminal; ${why}.`);

async function folder(): Promise<string> {
  const path = await tempFolder();
  const config = compilerConfig(
    ['--sleep=300', '--lines=1'],
    {},
    {
      name: 'api',
      stateDirectory: join(path, 'state'),
      process: { args: serverArgs({ floodLines: 40 }) },
    },
  );
  await writeConfig(path, config);
  return path;
}

async function writeConfig(path: string, config: SidecarConfig): Promise<void> {
  await writeFile(join(path, 'sidecar.config.json'), JSON.stringify(config));
}

describe.skipIf(why !== null)('sidecar run in a terminal', () => {
  it('turns while it compiles, keeps the status below the log, and leaves the terminal as it was', async () => {
    const terminal = new SidecarTerminal(await folder(), 'run');
    await terminal.shows(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] api {2}compiling/);
    await terminal.shows(/● api {2}running/);
    terminal.type('\u0003');
    expect(await terminal.ended()).toBe(0);
    expect(terminal.text).toMatch(/compiler \| compiling 1\n/);
    // All that it printed is in the log, each line once.
    expect(terminal.text.match(/\| flood line \d+\n/g)).toHaveLength(40);
    // The cursor is there again, and the last line is one of the log.
    expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'));
    expect(terminal.text.trimEnd()).toMatch(/stopped +as requested$/);
  });

  it('stops in good order when the terminal is closed, though SIGHUP else means to read the file again', async () => {
    const path = await tempFolder();
    const ended = join(path, 'ended');
    const script = `trap 'echo > ${ended}; exit 0' TERM; while :; do sleep 0.1; done`;
    const config = shellConfig(script, { healthCheck: { liveness: { type: 'process' } } });
    await writeConfig(path, { ...config, name: 'api', stateDirectory: join(path, 'state') });
    const terminal = new SidecarTerminal(path, 'run');
    await terminal.shows(/● api {2}running/);
    const control = new ServiceControl({ config: join(path, 'sidecar.config.json') });
    const { pid: service } = await control.status();
    process.kill(service, 'SIGHUP');
    await terminal.shows(/sidecar: nothing changes/);
    terminal.close();
    await eventually(() => !isAlive(service), 'the end of the service');
    await access(ended);
  });
});
