import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.js';
import { sidecar } from './command.js';

describe('sidecar graph', () => {
  it('prints the diagram that the repository shows', async () => {
    const { code, stdout } = await sidecar(await tempFolder(), 'graph', '--overview');
    expect(code).toBe(0);
    const shown = await readFile(
      new URL('../../visualizations/sidecar-overview.mmd', import.meta.url),
      'utf8',
    );
    expect(shown.endsWith(stdout)).toBe(true);
    expect(stdout).toContain('stateDiagram-v2');
  });

  it('prints data with --json, and Graphviz with --dot', async () => {
    const folder = await tempFolder();
    const [json, dot] = await Promise.all([
      sidecar(folder, 'graph', '--json'),
      sidecar(folder, 'graph', '--dot'),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: 'sidecar' });
    expect(dot.stdout).toMatch(/^digraph "sidecar" \{/);
  });
});
