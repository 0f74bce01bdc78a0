import { describe, expect, it } from 'vitest';
import { MAX_LINE_LENGTH } from '../../src/output/lines.js';
import { serverConfig } from '../support/server-config.js';
import { watch } from '../support/watched-sidecar.js';

/** Runs a script in Node.js until it ends, and gives what it printed. */
async function outputOf(script: string, tailLines = 50) {
  const watched = watch(
    serverConfig({}, { process: { args: ['-e', script], maxRestarts: 0, tailLines } }),
  ).start();
  const { exit } = await watched.next('stopped');
  return { output: watched.all('output'), lines: watched.lines(), tail: exit?.tail ?? [] };
}

/** Writes each chunk by itself, with a pause in which the reader gets it. */
const inChunks = (...chunks: string[]) => `
  const wait = require('node:timers/promises').setTimeout;
  (async () => {
    for (const chunk of ${JSON.stringify(chunks)}) {
      require('node:fs').writeSync(1, Buffer.from(chunk, 'hex'));
      await wait(60);
    }
  })();`;

const hex = (text: string) => Buffer.from(text).toString('hex');

describe('the lines of a process', () => {
  it('are put together from chunks', async () => {
    const { lines } = await outputOf(inChunks(hex('one li'), hex('ne\nand an'), hex('other'), hex('\n')));
    expect(lines).toEqual(['one line', 'and another']);
  });

  it('are put together from chunks that end within a character', async () => {
    const text = 'größe 🚗 日本\n';
    const bytes = hex(text).match(/../g) ?? [];
    const { lines } = await outputOf(inChunks(...bytes));
    expect(lines).toEqual(['größe 🚗 日本']);
  });

  it('may end with CR LF, also when the two come apart', async () => {
    const { lines } = await outputOf(inChunks(hex('one\r'), hex('\ntwo\r\n'), hex('a\rb\n')));
    expect(lines).toEqual(['one', 'two', 'a\rb']);
  });

  it('may be empty, and the last may have no newline', async () => {
    const { lines, tail } = await outputOf(`process.stdout.write('a\\n\\nb\\n\\nlast')`);
    expect(lines).toEqual(['a', '', 'b', '', 'last']);
    expect(tail).toEqual(['a', '', 'b', '', 'last']);
  });

  it('that are not UTF-8 are lines nevertheless', async () => {
    const { lines } = await outputOf(inChunks('fffe410a', hex('next\n')));
    expect(lines).toEqual(['\ufffd\ufffdA', 'next']);
  });

  it('come with the stream that they were printed to', async () => {
    const { output } = await outputOf(`console.log('out'); console.error('err');`);
    expect(output.map(({ source, stream, line }) => [source, stream, line]).sort()).toEqual([
      ['process', 'stderr', 'err'],
      ['process', 'stdout', 'out'],
    ]);
  });

  it('are cut when they are very long, and more so in the tail', async () => {
    const length = 3 * MAX_LINE_LENGTH + 10;
    const { lines, tail } = await outputOf(`process.stdout.write('x'.repeat(${length}) + '\\nend\\n')`);
    expect(lines).toEqual([`${'x'.repeat(MAX_LINE_LENGTH)}… (cut: a line is too long)`, 'end']);
    expect(tail).toEqual([`${'x'.repeat(1024)}…`, 'end']);
  });

  it('are cut by characters, and whole again after the newline', async () => {
    const script = `const long = '日'.repeat(${MAX_LINE_LENGTH + 1}); process.stdout.write(long + '\\n日本\\n' + long)`;
    const { lines } = await outputOf(script);
    const cut = `${'日'.repeat(MAX_LINE_LENGTH)}… (cut: a line is too long)`;
    expect(lines).toEqual([cut, '日本', cut]);
  });

  it('are whole at the longest', async () => {
    const { lines } = await outputOf(`process.stdout.write('x'.repeat(${MAX_LINE_LENGTH}) + '\\n')`);
    expect(lines).toEqual(['x'.repeat(MAX_LINE_LENGTH)]);
  });

  it('are all in the tail when the process ends right after a lot of output', async () => {
    // More than a pipe holds: it must be read on after the end.
    const script = `const line = 'x'.repeat(99) + '\\n';
      require('node:fs').writeSync(1, line.repeat(600)); require('node:fs').writeSync(2, 'the reason\\n');
      process.kill(process.pid, 'SIGKILL');`;
    const { tail, lines } = await outputOf(script);
    expect(tail).toContain('the reason');
    expect(lines).toHaveLength(601);
  });

  it('are all in the tail however slowly the host takes them', async () => {
    const script = `const line = 'x'.repeat(99) + '\\n';
      for (let i = 0; i < 5; i += 1) require('node:fs').writeSync(i % 2 + 1, line.repeat(300));
      require('node:fs').writeSync(2, 'the reason\\n'); process.kill(process.pid, 'SIGKILL');`;
    const watched = watch(serverConfig({}, { process: { args: ['-e', script], maxRestarts: 0 } }));
    watched.sidecar.on('output', () => {
      const end = performance.now() + 0.1;
      while (performance.now() < end);
    });
    const { exit } = await watched.start().next('stopped');
    expect(exit?.tail).toContain('the reason');
    expect(watched.lines()).toHaveLength(1501);
  });

  it('are not kept when tailLines is 0', async () => {
    const { lines, tail } = await outputOf(`console.log('gone')`, 0);
    expect(lines).toEqual(['gone']);
    expect(tail).toEqual([]);
  });
});
