import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wantsColour } from '../../src/cli/colors.js';
import { tempFolder } from '../support/temp-folder.js';
import { SidecarCommand } from './command.js';

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [false, { CI: 'true' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
  ])('are there, on a terminal (%j) with %j: %j', (isTerminal, environment, wanted) => {
    expect(wantsColour(environment, isTerminal)).toBe(wanted);
  });

  it.each([
    [{ CI: 'true', FORCE_COLOR: '', NO_COLOR: '' }, 'problem'],
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, '\u001b[31mproblem\u001b[39m'],
  ])('of a command in a pipe follow %j', async (environment, expected) => {
    const folder = await tempFolder();
    const config = { name: 'api', stateDirectory: join(folder, 'state'), process: { command: './missing' } };
    await writeFile(join(folder, 'sidecar.config.json'), JSON.stringify(config));
    const { stdout } = await new SidecarCommand(folder, ['doctor'], environment).ended();
    expect(stdout.includes('\u001b')).toBe(expected !== 'problem');
    expect(stdout).toContain(expected);
  });
});
