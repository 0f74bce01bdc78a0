import { describe, expect, it } from 'vitest';
import { meaningOfExit } from '../../machines/exit-codes.js';
import { explainExit } from '../../machines/explain.js';
import { exited } from '../explore/reports.js';
import { World } from '../explore/world.js';

const words = (code: number, command = './server') => {
  const status = { code, signal: null };
  return explainExit(status, meaningOfExit(status, command));
};

describe('an exit code', () => {
  it.each([
    [137, 'exited with code 137 (128 + 9, SIGKILL)'],
    [143, 'exited with code 143 (128 + 15, SIGTERM)'],
    [139, 'exited with code 139 (128 + 11, SIGSEGV)'],
    [126, 'exited with code 126 (found, but not executable)'],
    [127, 'exited with code 127 (command not found)'],
    [64, 'exited with code 64 (EX_USAGE, it was called wrongly)'],
    [78, 'exited with code 78 (EX_CONFIG, its configuration is wrong)'],
  ])('%i is told by its convention', (code, text) => expect(words(code)).toBe(text));

  it.each([0, 1, 2, 63, 79, 128, 255])('%i means nothing more', (code) => {
    expect(words(code)).toBe(`exited with code ${code}`);
  });

  it('of Node.js is told when that is the program', () => {
    for (const command of ['node', '/usr/bin/node', 'C:\\nodejs\\node.exe']) {
      expect(words(13, command)).toBe('exited with code 13 (a top-level await was never settled)');
    }
    expect(words(13, './nodejs-lookalike')).toBe('exited with code 13');
  });

  it('means nothing when it was a signal', () => {
    expect(explainExit({ code: null, signal: 'SIGKILL' })).toBe('was ended by SIGKILL');
  });

  it('is kept, decoded, in the record of the transition', () => {
    const world = new World({ compile: 'none' }).starts().report(exited(1, 0, { code: 137, signal: null }));
    expect(world.transitions.at(-1)).toMatchObject({
      cause: { type: 'exited', meaning: { by: 'shell', signal: 'SIGKILL', number: 9 } },
      decision: { trouble: { meaning: { signal: 'SIGKILL' } } },
    });
  });
});
