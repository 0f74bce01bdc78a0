import { describe, expect, it } from 'vitest';
import { EntryText } from '../../src/journal/entry-text.js';
import { Redactor } from '../../src/redact/redactor.js';

const redactor = () => new Redactor({ redact: [], process: { args: ['--password', 'hunter22'] } });

describe('the text of an entry', () => {
  it('is without secrets, however deep they are', () => {
    const entry = { a: { b: [{ error: 'it answered hunter22 to Bearer abcdefgh123' }] }, n: 1 };
    expect(new EntryText().write(entry, redactor())).toBe(
      '{"a":{"b":[{"error":"it answered [redacted] to Bearer [redacted]"}]},"n":1}',
    );
  });

  it('shows the same part in the same way, also when a secret of it was learned meanwhile', () => {
    const text = new EntryText();
    const learning = redactor();
    const report = { error: 'late-secret-7' };
    const first = text.write({ report }, learning);
    learning.learn({ API_KEY: 'late-secret-7' });
    expect(text.write({ report }, learning)).toBe(first);
    expect(text.write({ report: { ...report } }, learning)).toBe('{"report":{"error":"[redacted]"}}');
  });

  it('has the last 20 lines of a tail', () => {
    const tail = Array.from({ length: 50 }, (_, line) => `line ${line}`);
    const { exit } = JSON.parse(new EntryText().write({ exit: { tail } }, redactor()));
    expect(exit.tail).toEqual(tail.slice(-20));
  });
});
