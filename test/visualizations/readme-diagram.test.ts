import { describe, expect, it } from 'vitest';
import { placeDiagram } from '../../visualizations/readme-diagram.js';

const begin = '<!-- diagram:begin -->';
const end = '<!-- diagram:end -->';

describe('placeDiagram', () => {
  it('replaces only what is between the markers, and does so once', () => {
    const placed = placeDiagram(`# Title\n${begin}\nold\n${end}\nmore\n`, 'stateDiagram-v2\n');
    expect(placed).toBe(`# Title\n${begin}\n\n\`\`\`mermaid\nstateDiagram-v2\n\`\`\`\n\n${end}\nmore\n`);
    expect(placeDiagram(placed ?? '', 'stateDiagram-v2\n')).toBe(placed);
  });

  it('leaves a README without both markers alone', () => {
    expect(placeDiagram('# Title\n', 'x')).toBeNull();
    expect(placeDiagram(`${end}\n${begin}\n`, 'x')).toBeNull();
  });
});
