import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

function has(shell: string): boolean {
  return spawnSync(shell, ['--version']).error === undefined;
}

it('bash completes commands, and the options of one', async () => {
  const { code, stdout } = await sidecar(await tempFolder(), 'completion', 'bash');
  expect(code).toBe(0);
  const completed = (...words: string[]) => {
    const typed = ['sidecar', ...words].map((word) => `'${word}'`).join(' ');
    const script = `${stdout}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _sidecar; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  };
  expect(completed('st')).toEqual(['status', 'start', 'stop']);
  expect(completed('')).toEqual(createProgram().commands.map((command) => command.name()));
  expect(completed('run', '--')).toEqual([
    '--config',
    '--json',
    '--listen',
    '--no-control',
    '--inspect',
    '--no-inspect',
  ]);
  expect(completed('export', 'k')).toEqual(['kubernetes']);
});

it.each(['zsh', 'fish'])('%s can read its script', async (shell) => {
  const { code, stdout } = await sidecar(await tempFolder(), 'completion', shell);
  expect(code).toBe(0);
  for (const command of createProgram().commands) expect(stdout).toContain(command.name());
  // Where it is not installed, that it has all commands is what can be seen.
  if (has(shell)) execFileSync(shell, ['-n'], { input: stdout });
});

it('another shell is refused with those that there are', async () => {
  const { code, stderr } = await sidecar(await tempFolder(), 'completion', 'csh');
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
