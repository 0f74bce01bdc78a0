import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../src/index.js';
import { SourceMatcher } from '../../src/watch/source-matcher.js';
import { tempFolder } from '../support/temp-folder.js';

function matcherOf(cwd: string, paths: string[], ignore: string[] = [], outputs: string[] = []) {
  const config = resolveConfig({
    process: { command: 'server' },
    watch: { paths, ignore, cwd },
    ...(outputs.length > 0 && { compile: { command: 'make', cwd, inputs: paths, outputs } }),
  });
  if (config.watch === undefined) throw new Error('it is watched');
  return new SourceMatcher({ watch: config.watch, compile: config.compile });
}

const FILES = ['main.go', 'go.mod', 'cmd/a/main.go', 'cmd/a/.hidden.go', 'cmd/readme.md', 'web/app/index.ts'];

describe('the sources of a sidecar', () => {
  it.each([
    [['**/*.go']],
    [['*.go']],
    [['cmd']],
    [['cmd/']],
    [['./cmd/**']],
    [['.']],
    [['cmd/*/main.go', 'go.mod']],
    [['{cmd,web}/**/*.{go,ts}']],
    [['cmd/*']],
  ])('are those that compile.inputs would be: %j', async (paths) => {
    const cwd = await tempFolder();
    for (const file of FILES) {
      await mkdir(dirname(join(cwd, file)), { recursive: true });
      await writeFile(join(cwd, file), '');
    }
    const matcher = matcherOf(cwd, paths);
    const sources = FILES.filter((file) => matcher.isSource(join(cwd, file)));
    expect(sources.toSorted()).toEqual((await glob(paths, { cwd, dot: true })).toSorted());
    expect(sources).not.toEqual([]);
    // What is in a folder that is passed over is never looked at.
    for (const file of sources) expect(matcher.isForeign(dirname(join(cwd, file)))).toBe(false);
  });

  it('are not what is ignored, nor what the compiler writes', () => {
    const matcher = matcherOf('/project', ['**'], ['**/*.md', 'tmp'], ['build/server']);
    const sources = ['main.go', 'readme.md', 'tmp/a.go', 'build/server'];
    expect(sources.filter((file) => matcher.isSource(join('/project', file)))).toEqual(['main.go']);
    expect(matcher.isForeign('/project/tmp')).toBe(true);
  });

  it('are looked for where they can be', () => {
    const matcher = matcherOf('/project', ['src/**/*.go', 'src/extra/*.c', 'go.mod', '../shared/**']);
    expect(matcher.roots).toEqual(['/project/src', '/project/go.mod', '/shared']);
    expect(matcherOf('/project', ['**/*.go', 'cmd/**']).roots).toEqual(['/project']);
    const flat = matcherOf('/project', ['*.go', 'a/*/c.go']);
    const folders = ['a', 'b', 'a/b', 'a/b/c', 'node_modules', 'a/node_modules', '.git'];
    expect(folders.filter((folder) => !flat.isForeign(join('/project', folder)))).toEqual(['a', 'a/b']);
    expect(matcherOf('/project', ['**']).isForeign('/project/a/node_modules')).toBe(true);
  });
});
