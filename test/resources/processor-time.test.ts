import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member, Members } from '../../src/resources/member.js';
import { processorTimeBetween } from '../../src/resources/processor-time.js';

function member(pid: number, ppid: number, own: number, reaped = 0, startedAt = pid): Member {
  return { pid, ppid, startedAt, own, reaped, isZombie: false, residentMB: 1 };
}

const look = (...members: Member[]): Members => new Map(members.map((each) => [each.pid, each]));

describe('the processor time of a group between two looks', () => {
  it('is what its processes used, and all of what a new one used', () => {
    const before = look(member(1, 0, 100), member(2, 1, 50));
    const after = look(member(1, 0, 130), member(2, 1, 50), member(3, 1, 7));
    expect(processorTimeBetween(before, after)).toBe(37);
  });

  it('holds what a process used before it ended, once its parent has waited for it, and no more', () => {
    const before = look(member(1, 0, 100), member(2, 1, 5000));
    const after = look(member(1, 0, 100, 5020));
    expect(processorTimeBetween(before, after)).toBe(20);
  });

  it('holds what came and went between the looks', () => {
    expect(processorTimeBetween(look(member(1, 0, 100)), look(member(1, 0, 101, 300)))).toBe(301);
  });

  it('holds what a grandchild used whose parent ended with it', () => {
    const before = look(member(1, 0, 0), member(2, 1, 10), member(3, 2, 4000));
    const after = look(member(1, 0, 0, 10 + 4000 + 25));
    expect(processorTimeBetween(before, after)).toBe(25);
  });

  it('is never negative, though nobody of the group waited for what ended', () => {
    const before = look(member(1, 0, 100), member(2, 1, 5000));
    expect(processorTimeBetween(before, look(member(1, 0, 100)))).toBe(0);
    expect(processorTimeBetween(before, look())).toBe(0);
  });

  it('does not take a process for another that had its pid', () => {
    const before = look(member(1, 0, 0), member(2, 1, 5000, 0, 17));
    const after = look(member(1, 0, 0, 5000), member(2, 1, 3, 0, 99));
    expect(processorTimeBetween(before, after)).toBe(3);
  });

  it('comes to all that was used, whatever happens, when parents wait for their children', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9999), { maxLength: 200, size: 'max' }), (picks) => {
        const group = new FakeGroup();
        let before = group.look();
        let counted = 0;
        for (const pick of picks) {
          group.next(pick);
          if (pick % 3 !== 0) continue;
          const after = group.look();
          const used = processorTimeBetween(before, after);
          expect(used).toBeGreaterThanOrEqual(0);
          [before, counted] = [after, counted + used];
        }
        counted += processorTimeBetween(before, group.look());
        expect(counted).toBe(group.used);
      }),
    );
  });
});

/** A tree of processes, in which each waits for its children, and ends only when it has none. */
class FakeGroup {
  used = 0;
  readonly #living = new Map<number, { ppid: number; own: number; reaped: number }>([
    [1, { ppid: 0, own: 0, reaped: 0 }],
  ]);
  #lastPid = 1;

  /** Somebody works, starts another, or ends. */
  next(pick: number): void {
    const pids = [...this.#living.keys()];
    const pid = pids[pick % pids.length] ?? 1;
    const process = this.#living.get(pid);
    if (process === undefined) return;
    const work = pick % 50;
    process.own += work;
    this.used += work;
    if (pick % 4 === 1) {
      this.#lastPid += 1;
      this.#living.set(this.#lastPid, { ppid: pid, own: 0, reaped: 0 });
    }
    const hasChildren = [...this.#living.values()].some(({ ppid }) => ppid === pid);
    const parent = this.#living.get(process.ppid);
    if (pick % 4 === 2 && !hasChildren && parent !== undefined) {
      parent.reaped += process.own + process.reaped;
      this.#living.delete(pid);
    }
  }

  look(): Members {
    return look(...[...this.#living].map(([pid, { ppid, own, reaped }]) => member(pid, ppid, own, reaped)));
  }
}
