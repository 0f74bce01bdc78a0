import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SidecarReloadError } from '../../src/index.js';
import { rejection } from '../support/outcome.js';
import { tempFolder } from '../support/temp-folder.js';
import { watch } from '../support/watched-sidecar.js';
import { libraryConfig, libraryOf } from './library-config.js';
import { GO_PATIENCE, goEnvironment, hasC, hasGo, sharedLibraryArgs } from './toolchains.js';

interface Language {
  readonly source: string;
  readonly compile: {
    readonly command: string;
    readonly args: string[];
    readonly env?: Record<string, string>;
  };
  /** A library whose function `answer` returns this. */
  program(answer: number): string;
}

const c: Language = {
  source: 'answer.c',
  compile: { command: 'cc', args: sharedLibraryArgs('answer.c', 'libanswer.so') },
  program: (answer) => `int answer(void) { return ${answer}; }\nint well(void) { return 0; }\n`,
};

const go: Language = {
  source: 'answer.go',
  compile: {
    command: 'go',
    args: ['build', '-buildmode=c-shared', '-o', 'libanswer.so', 'answer.go'],
    env: goEnvironment,
  },
  program: (answer) => `package main

import "C"

//export answer
func answer() C.int { return ${answer} }

//export well
func well() C.int { return 0 }

func main() {}
`,
};

/** A folder with a library's source, and a sidecar that compiles and loads it. */
async function compiled(language: Language) {
  const cwd = await tempFolder();
  const write = (text: string) => writeFile(join(cwd, language.source), text);
  await write(language.program(1));
  const watched = watch(
    libraryConfig('libanswer.so', {
      compile: { ...language.compile, cwd },
      process: { cwd },
      direct: { functions: { answer: 'int answer(void)' }, health: 'well' },
    }),
  );
  const answers = async () => {
    const library = libraryOf(watched.sidecar);
    return [library.call('answer'), await library.callAsync('answer')];
  };
  return { watched, write, answers };
}

async function changesBetweenIncarnations(language: Language) {
  const { watched, write, answers } = await compiled(language);
  await watched.start().next('healthy', () => true, GO_PATIENCE);
  expect(await answers()).toEqual([1, 1]);

  await write(language.program(2));
  await watched.sidecar.reload();
  expect(await answers()).toEqual([2, 2]);

  await write(language.program(3));
  await watched.sidecar.restart();
  expect(await answers()).toEqual([3, 3]);

  await write('This does not compile.');
  expect(await rejection(watched.sidecar.reload())).toBeInstanceOf(SidecarReloadError);
  expect(await answers()).toEqual([3, 3]);
  expect(watched.sidecar.status()).toMatchObject({ state: 'running', generation: 3 });
  await watched.stopsCleanly();
}

describe('after a change of its source, a library is the new one', () => {
  it.runIf(hasC)('in C', () => changesBetweenIncarnations(c));

  // A Go library is never unloaded: without a copy of its own, the next load would give back the old one.
  it.runIf(hasGo)('in Go', () => changesBetweenIncarnations(go), GO_PATIENCE);

  it.runIf(hasC)(
    'and the old one serves on, though the file it came from is overwritten in place',
    async () => {
      const { watched, answers } = await compiled(c);
      await watched.run();
      const { endpoint } = watched.sidecar.status();
      if (endpoint?.transport !== 'direct') throw new Error('it has another endpoint');
      await writeFile(endpoint.library, 'Not a library any more.');
      expect(await answers()).toEqual([1, 1]);
      await watched.stopsCleanly();
    },
  );
});
