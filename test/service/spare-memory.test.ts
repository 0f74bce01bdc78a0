import { describe, expect, it } from 'vitest';
import { Host } from '../support/run-host.js';

describe('a process that is to be small', () => {
  it('gives back what its heap was stretched by, once, and not before it is quiet', async () => {
    const host = new Host('spared-host', ['500', '64', '16']);
    const stretched = Number(await host.said('stretched to '));
    const left = Number.parseInt(await host.said('left '), 10);
    expect(stretched).toBeGreaterThan(64);
    expect(left).toBeLessThan(stretched / 2);
    expect(host.lines.filter((line) => line.startsWith('asked'))).toEqual(['asked when quiet']);
  });

  it('is not held up when that would bring little', async () => {
    const host = new Host('spared-host', ['0', '0', '0']);
    await host.said('left ');
    expect(host.lines.filter((line) => line.startsWith('asked'))).toEqual([]);
  });
});
