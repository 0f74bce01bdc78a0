import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dependent, Dependents } from '../../src/client/dependents.js';

const dependent = (): Dependent => ({ place: -1, died() {} });

describe('the requests that are under way', () => {
  it('are those that came and have not gone, in whatever order they go', () => {
    const steps = fc.array(fc.oneof(fc.constant('come' as const), fc.nat(9)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (script) => {
        const dependents = new Dependents();
        const there = new Set<Dependent>();
        const everybody: Dependent[] = [];
        for (const step of script) {
          if (step === 'come') {
            const next = dependent();
            everybody.push(next);
            there.add(next);
            dependents.add(next);
          } else {
            const gone = everybody[step];
            // Also one that has gone before: it takes nobody along.
            if (gone === undefined) continue;
            there.delete(gone);
            dependents.delete(gone);
          }
          const strangers = dependents.all().filter((each) => !there.has(each));
          expect(strangers).toEqual([]);
          expect(dependents.size).toBe(there.size);
        }
      }),
    );
  });

  it('are listed as they were, while they go', () => {
    const dependents = new Dependents();
    const all = [dependent(), dependent(), dependent()];
    for (const each of all) dependents.add(each);
    for (const each of dependents.all()) dependents.delete(each);
    expect(dependents.size).toBe(0);
  });
});
