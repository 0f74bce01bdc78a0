import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverConfig } from '../support/server-config.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';
import { fleetFolder, runService } from './service-folder.js';

interface Section {
  readonly title: string;
  readonly findings: readonly {
    readonly level: string;
    readonly text: string;
    readonly advice: string | null;
  }[];
}

/** What it finds, by section. */
async function found(
  folder: string,
): Promise<{ code: number | null; sections: ReadonlyMap<string, Section['findings']> }> {
  const { code, stdout, stderr } = await sidecar(folder, 'doctor', '--json');
  expect(stderr).toBe('');
  const sections: readonly Section[] = JSON.parse(stdout);
  return { code, sections: new Map(sections.map(({ title, findings }) => [title, findings])) };
}

async function folderOf(config: object): Promise<string> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify({ name: 'api', ...config }));
  return folder;
}

async function heldPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('sidecar doctor', () => {
  it('finds nothing wrong where nothing is, also beside a running service', async () => {
    const folder = await fleetFolder();
    await runService(folder);
    const { code, stdout } = await sidecar(folder, 'doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^configuration\n {2}ok .* is right\n {2}ok .* a service of it is running \(pid \d+\)\n/,
    );
    expect(stdout).toContain(`the program is ${process.execPath}`);
    expect(stdout).toContain('\nthis machine\n');
    expect(stdout).not.toContain('problem');
  });

  it('says what keeps it from running, and what to do', async () => {
    const port = await heldPort();
    const folder = await tempFolder();
    const state = join(folder, 'state');
    await mkdir(state);
    await chmod(state, 0o777);
    const config = {
      ...serverConfig({}, { http: { port }, process: { command: './missing' } }),
      compile: { command: 'no-such-compiler', args: [] },
      name: 'api',
      stateDirectory: state,
    };
    await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
    const { code, sections } = await found(folder);
    expect(code).toBe(1);
    expect(sections.get('api')).toEqual([
      { level: 'problem', text: 'the compiler: no-such-compiler was not found', advice: expect.any(String) },
      {
        level: 'note',
        text: 'the program: ./missing was not found',
        advice: expect.stringContaining('compilation'),
      },
      {
        level: 'problem',
        text: expect.stringMatching(new RegExp(`^port ${port} is held by `)),
        advice: expect.any(String),
      },
      {
        level: 'problem',
        text: expect.stringContaining('can be changed by other users'),
        advice: expect.stringContaining('chmod 700'),
      },
    ]);
  });

  it('tells a socket that can be made, a file in its place, and a missing folder apart', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'file');
    await writeFile(file, '');
    const findingOf = async (socketPath: string) => {
      const sidecarConfig = { ...serverConfig(), transport: 'ipc', ipc: { socketPath } };
      const { sections } = await found(await folderOf(sidecarConfig));
      return sections.get('api')?.[1];
    };
    expect(await findingOf(join(folder, 'new.sock'))).toMatchObject({ level: 'ok' });
    expect(await findingOf(file)).toMatchObject({
      level: 'problem',
      text: `${file} is there, and is no socket`,
    });
    expect(await findingOf(join(folder, 'none', 'a.sock'))).toMatchObject({ level: 'problem' });
  });

  it('a configuration that is wrong, or is not there, is its first finding', async () => {
    const wrong = await found(await folderOf({ http: { port: 'x' } }));
    expect(wrong.code).toBe(1);
    expect(wrong.sections.get('configuration')).toMatchObject([{ level: 'problem' }]);
    expect((await found(await tempFolder())).sections.get('configuration')).toMatchObject([
      { level: 'problem', text: expect.stringContaining('sidecar init') },
    ]);
  });
});
