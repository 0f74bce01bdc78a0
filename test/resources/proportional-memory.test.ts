import { describe, expect, it } from 'vitest';
import type { Member, Members } from '../../src/resources/member.js';
import { ProportionalMemory, readInTurns } from '../../src/resources/proportional-memory.js';

const member = (pid: number, residentMB = 100, startedAt = 1): Member => ({
  pid,
  startedAt,
  ppid: 1,
  isZombie: false,
  own: 0,
  reaped: 0,
  residentMB,
});
const look = (...members: Member[]): Members => new Map(members.map((each) => [each.pid, each]));

/** Groups of two, whose memory takes as long to read as it takes for a large process. */
function groups(count: number, milliseconds: number) {
  const reads: number[] = [];
  const slowly = (pid: number) => {
    reads.push(pid);
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    return 10;
  };
  const all = Array.from({ length: count }, (_, index) => {
    const members = look(member(2 * index), member(2 * index + 1));
    return { memory: new ProportionalMemory(slowly), members };
  });
  return { all, reads };
}

describe('memory that is read in turns', () => {
  it('is all read in one pass when there is time', () => {
    let { all, reads } = groups(10, 0);
    // On a busy machine time may pass that is not ours.
    for (let tries = 0; readInTurns(all).size < 10 && tries < 100; tries += 1)
      ({ all, reads } = groups(10, 0));
    expect(new Set(reads)).toEqual(new Set(Array.from({ length: 20 }, (_, pid) => pid)));
    expect(all.map(({ memory, members }) => memory.sum(members))).toEqual(Array(10).fill(20));
  });

  it('is read for some groups in one pass and for the others in the next, when there is not', () => {
    const { all } = groups(10, 2);
    const [first, ...others] = all;
    const served = readInTurns(all);
    expect(served.has(first ?? { memory: new ProportionalMemory(() => 0), members: look() })).toBe(true);
    expect(served.size).toBeLessThan(10);
    const waiting = others.filter((each) => !served.has(each));
    // Those that wait come first, as the sampler orders them.
    const [next] = waiting;
    expect([...readInTurns(waiting)][0]).toBe(next);
  });

  it('is read at once for one group, however long that takes', () => {
    const { all, reads } = groups(1, 20);
    expect(readInTurns(all).size).toBe(1);
    expect(reads).toEqual([0, 1]);
  });

  it('is read again for whoever was read longest ago', () => {
    const { all, reads } = groups(2, 0);
    readInTurns(all);
    reads.length = 0;
    readInTurns(all);
    expect(new Set(reads)).toEqual(new Set([0, 1, 2, 3]));
    expect(reads).toHaveLength(4);
  });

  it('grows meanwhile as resident memory does', () => {
    const memory = new ProportionalMemory(() => 40);
    memory.meet(look(member(1), member(2)));
    expect(memory.sum(look(member(1, 130), member(2, 90)))).toBe(40 + 30 + 40 - 10);
    expect(memory.sum(look(member(1, 10), member(2)))).toBe(40);
  });

  it('is forgotten with its process, whose pid may be used again', () => {
    let proportionalMB = 40;
    const memory = new ProportionalMemory(() => proportionalMB);
    memory.meet(look(member(1)));
    expect(memory.knows(look(member(1)))).toBe(true);
    expect(memory.knows(look(member(1, 100, 2)))).toBe(false);
    proportionalMB = 7;
    memory.meet(look(member(1, 100, 2)));
    expect(memory.sum(look(member(1, 100, 2)))).toBe(7);
  });

  it('is not known where the system does not tell of one of them', () => {
    const memory = new ProportionalMemory((pid) => (pid === 1 ? 40 : null));
    memory.meet(look(member(1), member(2)));
    expect(memory.sum(look(member(1), member(2)))).toBeNull();
  });
});
