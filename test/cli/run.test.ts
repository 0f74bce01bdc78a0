import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SidecarConfig } from '../../src/index.js';
import { compilerConfig } from '../support/compile-config.js';
import { isAlive } from '../support/processes.js';
import { serverConfig, shellConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { eventually } from '../support/within.js';
import { SidecarCommand } from './command.js';

async function folderOf(config: SidecarConfig): Promise<string> {
  const folder = await tempFolder();
  await writeFile(
    join(folder, 'sidecar.config.json'),
    JSON.stringify({ name: 'api', stateDirectory: join(folder, 'state'), ...config }),
  );
  return folder;
}

/** The pid of the sidecar in the line that tells that it was started. */
async function pidOf(command: SidecarCommand): Promise<number> {
  const line = await command.printed(/process \d+ was started/);
  return Number(/process (\d+) was started/.exec(line)?.[1]);
}

describe('sidecar run', () => {
  it('tells each state, passes the lines on, and ends with 0 when it is told to stop', async () => {
    const command = new SidecarCommand(await folderOf(serverConfig()), ['run']);
    const pid = await pidOf(command);
    await command.printed(/\| listening on /);
    await command.printed(/ running .*passed/);
    command.signal('SIGINT');
    const { code, stdout, stderr } = await command.ended();
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/ api {2}stopped +as requested\n$/);
    expect(isAlive(pid)).toBe(false);
  });

  it('prints no control characters into a pipe, whatever the sidecar prints', async () => {
    const script = `printf '\\033[31mred\\033[0m\\007\\tdone\\n'; exec sleep 60`;
    const config = shellConfig(script, { healthCheck: { liveness: { type: 'process' } } });
    const command = new SidecarCommand(await folderOf(config), ['run']);
    await command.printed(/\| red\tdone$/);
    await command.printed(/ running /);
    command.signal('SIGTERM');
    const { code, stdout } = await command.ended();
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point.
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/);
  });

  it('stays when watched sources do not compile, says why, and starts once they are mended', async () => {
    const config = compilerConfig(
      ['--input=main.txt', '--output=build/main.txt'],
      {},
      { watch: { paths: ['*.txt'] } },
    );
    const folder = await folderOf(config);
    const command = new SidecarCommand(folder, ['run']);
    await command.printed(/compiler \| compiler\.mjs: ENOENT/);
    await command.printed(/ stopped .*exited with code 1/);
    await writeFile(join(folder, 'main.txt'), 'source');
    await command.printed(/ running /);
    command.signal('SIGINT');
    expect((await command.ended()).code).toBe(0);
  });

  it('ends with 1 when the sidecar can not go on, and says why', async () => {
    const command = new SidecarCommand(await folderOf({ process: { command: './missing' } }), ['run']);
    const { code, stdout } = await command.ended();
    expect(code).toBe(1);
    expect(stdout).toMatch(/stopped .*\/missing does not exist/);
  });

  it('prints each event as a line of JSON with --json', async () => {
    const command = new SidecarCommand(await folderOf(serverConfig()), ['run', '--json']);
    await command.printed(/"type":"healthy"/);
    command.signal('SIGINT');
    const { code, stdout } = await command.ended();
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.every(({ sidecar, type }) => sidecar === 'api' && typeof type === 'string')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'stopped', reason: 'requested' });
  });

  it('ends everything at once at a second signal', async () => {
    const config = serverConfig({ ignoreTerm: true }, { process: { stopTimeout: 60_000 } });
    const command = new SidecarCommand(await folderOf(config), ['run']);
    const pid = await pidOf(command);
    await command.printed(/ running /);
    command.signal('SIGINT');
    await command.printed(/ stopping\.terminating /);
    // Within half a second it would be the same Ctrl-C.
    await wait(600);
    command.signal('SIGINT');
    expect((await command.ended()).code).toBe(130);
    await eventually(() => !isAlive(pid), 'the end of the sidecar');
  });
});
