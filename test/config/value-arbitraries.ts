import fc from 'fast-check';

export const MAX_TIMER = 2_147_483_647;

export const milliseconds = fc.integer({ min: 0, max: MAX_TIMER });
export const positiveMilliseconds = fc.integer({ min: 1, max: MAX_TIMER });
export const count = fc.integer({ min: 1, max: 1000 });
export const text = fc.string({ maxLength: 20 }).filter((value) => !value.includes('\0'));
export const nonEmptyText = text.filter((value) => value !== '');

/** Each key may be missing, as in what users write. */
export const optional = { requiredKeys: [] } satisfies fc.RecordConstraints<never>;
